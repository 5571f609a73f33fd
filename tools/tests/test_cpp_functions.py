import pytest

from cpp_functions import Function, functions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int Add(int a, int b) { return a + b; }", [("Add", 1, 1, 2)]),
        ("int Declared(int a, int b);", []),
        ("void None(void) {}\nvoid Empty() {}", [("None", 1, 1, 0), ("Empty", 2, 1, 0)]),
        ("std::function<void(int, int)> Make(std::map<int, int> m) {\n}", [("Make", 1, 2, 1)]),
        ("template <typename T, typename U>\nT Cast(U u) {\n}", [("Cast", 1, 3, 1)]),
        ("bool Store::Append(int a) const noexcept(false) { return true; }", [("Store::Append", 1, 1, 1)]),
        ("auto Size() -> std::size_t { return 1; }", [("Size", 1, 1, 0)]),
        ("Store::Store(int a) : a_{a}, b_(a), c_{{1, 2}} {\n}", [("Store::Store", 1, 2, 1)]),
        ("class A {\n public:\n  A() = default;\n  ~A() { b_ = 1; }\n  int b_ = 0;\n};", [("~A", 4, 1, 0)]),
        ("bool operator()(int a, int b) const { return a < b; }", [("operator()", 1, 1, 2)]),
        ("bool operator<(const A& a, const A& b) { return true; }", [("operator<", 1, 1, 2)]),
        ("void Run() {\n  auto f = [](int a, int b, int c) { return a; };\n  if (f(1, 2, 3)) {\n  }\n}", [("Run", 1, 5, 0)]),
        ("namespace a::b {\nstruct S { int x{1}; };\nint F() { return 1; }\n}", [("F", 3, 1, 0)]),
        ("const char* k = \"void F() {\"; // void G() {\nint H() { return '{'; }", [("H", 2, 1, 0)]),
        ("#define M(a) \\\n  void F() {\nint H() { return 1'000; }", [("H", 3, 1, 0)]),
        ('auto k = R"(void F() {)";\nint H() { return 1; }', [("H", 2, 1, 0)]),
        ("TEST(Json, Reads) {\n}", [("TEST(Json, Reads)", 1, 2, 0)]),
    ],
)
def test_functions(text, expected):
    assert functions(text) == [Function(*values) for values in expected]
