#include "query/internal/sql_functions.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/lower_case.h"
#include "query/internal/text.h"

namespace nightjar::query::internal {
namespace {

// Lower case, in order.
// clang-format off
constexpr auto kAggregates = std::to_array<std::string_view>({
    "any", "any_value", "anyheavy", "anylast", "approx_top_count", "approx_top_k", "approx_top_sum", "argmax",
    "argmin", "avg", "avgweighted", "boundingratio", "corr", "corrstable", "count", "covarpop", "covarsamp",
    "cume_dist", "deltasum", "dense_rank", "denserank", "entropy", "exponentialmovingaverage", "first_value",
    "grouparray", "grouparraymovingavg", "grouparraymovingsum", "grouparraysample", "grouparraysorted", "groupbitand",
    "groupbitor", "groupbitxor", "groupconcat", "groupuniqarray", "histogram", "intervallengthsum", "kurtpop",
    "kurtsamp", "lag", "laginframe", "last_value", "lead", "leadinframe", "mannwhitneyutest", "max", "max_by",
    "maxmap", "median", "medianexact", "mediantdigest", "min", "min_by", "minmap", "nth_value", "ntile",
    "percent_rank", "quantile", "quantiledd", "quantiledeterministic", "quantileexact", "quantileexacthigh",
    "quantileexactlow", "quantileexactweighted", "quantileinterpolatedweighted", "quantiles", "quantilesdd",
    "quantilesexact", "quantilestdigest", "quantilestiming", "quantiletdigest", "quantiletdigestweighted",
    "quantiletiming", "rank", "rankcorr", "row_number", "simplelinearregression", "singlevalueornull", "skewpop",
    "skewsamp", "sparkbar", "stddevpop", "stddevsamp", "stochasticlinearregression", "studentttest", "sum", "sumcount",
    "sumkahan", "summap", "sumwithoverflow", "topk", "topkweighted", "uniq", "uniqcombined", "uniqcombined64",
    "uniqexact", "uniqhll12", "uniqtheta", "varpop", "varsamp", "welchttest",
});

constexpr auto kFunctions = std::to_array<std::string_view>({
    "abs", "accuratecast", "accuratecastordefault", "accuratecastornull", "acos", "adddays", "addhours", "addminutes",
    "addmonths", "addseconds", "addweeks", "addyears", "age", "and", "array", "arrayall", "arrayavg", "arraycompact",
    "arrayconcat", "arraycount", "arraycumsum", "arraydifference", "arraydistinct", "arrayelement",
    "arrayelementornull", "arrayenumerate", "arrayenumerateuniq", "arrayexists", "arrayfill", "arrayfilter",
    "arrayfirst", "arrayfirstindex", "arrayflatten", "arrayfold", "arrayintersect", "arrayjaccardindex", "arrayjoin",
    "arraylast", "arraylastindex", "arraymap", "arraymax", "arraymin", "arraypopback", "arraypopfront", "arrayproduct",
    "arraypushback", "arraypushfront", "arrayresize", "arrayreverse", "arrayreversesort", "arrayrotateleft",
    "arrayrotateright", "arrayslice", "arraysort", "arraysplit", "arraystringconcat", "arraysum", "arrayuniq",
    "arrayzip", "ascii", "asin", "assumenotnull", "atan", "atan2", "bar", "base64decode", "base64encode", "basename",
    "between", "bitand", "bitcount", "bitnot", "bitor", "bitshiftleft", "bitshiftright", "bittest", "bitxor",
    "bytesize", "casewithexpression", "cast", "cbrt", "ceil", "ceiling", "char", "char_length", "cityhash64", "clamp",
    "coalesce", "concat", "concat_ws", "concatwithseparator", "cos", "countequal", "countmatches", "countsubstrings",
    "countsubstringscaseinsensitive", "cutquerystring", "cutquerystringandfragment", "cuturlparameter", "date",
    "date_diff", "date_trunc", "datediff", "datename", "datetrunc", "decodeurlcomponent", "degrees", "divide",
    "divideornull", "domain", "domainwithoutwww", "dotproduct", "e", "editdistance", "empty", "endswith", "equals",
    "erf", "exp", "exp10", "exp2", "extract", "extractall", "extractallgroupshorizontal", "extractallgroupsvertical",
    "extractgroups", "extracturlparameter", "extracturlparameternames", "extracturlparameters",
    "firstsignificantsubdomain", "floor", "format", "formatdatetime", "formatreadabledecimalsize",
    "formatreadablequantity", "formatreadablesize", "formatreadabletimedelta", "fromunixtimestamp",
    "fromunixtimestamp64micro", "fromunixtimestamp64milli", "fromunixtimestamp64nano", "gcd", "globalin",
    "globalnotin", "greater", "greaterorequals", "greatest", "has", "hasall", "hasany", "hassubstr", "hastoken",
    "hastokencaseinsensitive", "hex", "if", "ifnotfinite", "ifnull", "ilike", "in", "indexof", "initcap", "intdiv",
    "intdivorzero", "intexp10", "intexp2", "inthash64", "isdistinctfrom", "isfinite", "isinfinite", "isnan",
    "isnotdistinctfrom", "isnotnull", "isnull", "isvalidjson", "isvalidutf8", "jarosimilarity",
    "jarowinklersimilarity", "json_exists", "json_query", "json_value", "jsonarraylength", "jsonextract",
    "jsonextractarrayraw", "jsonextractbool", "jsonextractfloat", "jsonextractint", "jsonextractkeys",
    "jsonextractkeysandvalues", "jsonextractkeysandvaluesraw", "jsonextractraw", "jsonextractstring",
    "jsonextractuint", "jsonhas", "jsonlength", "jsontype", "lambda", "lcase", "lcm", "least", "left", "leftpad",
    "leftutf8", "length", "lengthutf8", "less", "lessorequals", "like", "ln", "log", "log10", "log1p", "log2", "lower",
    "lowerutf8", "lpad", "ltrim", "makedate", "makedatetime", "map", "mapadd", "mapapply", "mapcontains",
    "mapcontainskey", "mapcontainskeylike", "mapexists", "mapfilter", "mapfromarrays", "mapkeys", "mapsort",
    "mapvalues", "match", "max2", "min2", "minus", "mod", "modulo", "moduloorzero", "monthname", "multifuzzymatchany",
    "multiif", "multimatchany", "multimatchanyindex", "multiply", "multisearchany", "multisearchanycaseinsensitive",
    "multisearchfirstposition", "murmurhash3_64", "negate", "ngramdistance", "ngrams", "ngramsearch", "not",
    "notempty", "notequals", "notilike", "notin", "notlike", "now", "now64", "nullif", "or", "path", "pi", "plus",
    "position", "positioncaseinsensitive", "positioncaseinsensitiveutf8", "positionutf8", "positivemodulo", "pow",
    "power", "protocol", "querystring", "radians", "range", "regexpextract", "repeat", "replace", "replaceall",
    "replaceone", "replaceregexpall", "replaceregexpone", "reverse", "reverseutf8", "right", "rightpad", "rightutf8",
    "round", "roundbankers", "rounddown", "rpad", "rtrim", "sigmoid", "sign", "sin", "siphash64", "space",
    "splitbychar", "splitbynonalpha", "splitbyregexp", "splitbystring", "splitbywhitespace", "sqrt", "startswith",
    "startswithutf8", "subdate", "substr", "substring", "substringindex", "substringutf8", "subtractdays",
    "subtracthours", "subtractminutes", "subtractmonths", "subtractseconds", "subtractweeks", "subtractyears", "svg",
    "tan", "tanh", "timeslot", "timezoneoffset", "tobool", "todate", "todate32", "todateornull", "todatetime",
    "todatetime64", "todatetime64ornull", "todatetimeornull", "today", "todayofmonth", "todayofweek", "todayofyear",
    "todecimal128", "todecimal32", "todecimal64", "tofixedstring", "tofloat32", "tofloat32ornull", "tofloat64",
    "tofloat64ornull", "tofloat64orzero", "tohour", "toint16", "toint32", "toint32ornull", "toint64", "toint64ornull",
    "toint64orzero", "toint8", "tointervalday", "tointervalhour", "tointervalmicrosecond", "tointervalmillisecond",
    "tointervalminute", "tointervalmonth", "tointervalnanosecond", "tointervalquarter", "tointervalsecond",
    "tointervalweek", "tointervalyear", "toisoweek", "toisoyear", "tojsonstring", "tokens", "tolastdayofmonth",
    "tomillisecond", "tominute", "tomonday", "tomonth", "tonullable", "topleveldomain", "toquarter", "tosecond",
    "tostartofday", "tostartoffifteenminutes", "tostartoffiveminutes", "tostartofhour", "tostartofinterval",
    "tostartofmicrosecond", "tostartofmillisecond", "tostartofminute", "tostartofmonth", "tostartofnanosecond",
    "tostartofquarter", "tostartofsecond", "tostartoftenminutes", "tostartofweek", "tostartofyear", "tostring",
    "totimezone", "totypename", "touint16", "touint32", "touint64", "touint64ornull", "touint64orzero", "touint8",
    "tounixtimestamp", "tounixtimestamp64micro", "tounixtimestamp64milli", "tounixtimestamp64nano", "toweek", "toyear",
    "toyyyymm", "toyyyymmdd", "transform", "translate", "trim", "trimboth", "trimleft", "trimright", "trunc",
    "truncate", "trybase64decode", "tuple", "tupleelement", "ucase", "unhex", "upper", "upperutf8", "widthbucket",
    "xor", "xxhash64", "yesterday",
});
// clang-format on
static_assert(std::ranges::is_sorted(kAggregates) && std::ranges::is_sorted(kFunctions));

constexpr auto kCombinators = std::to_array<std::string_view>(
    {"argmax", "argmin", "array", "distinct", "foreach", "if", "merge", "ordefault", "ornull", "state"});

bool IsAllowedAggregate(std::string_view name) {
  if (std::ranges::binary_search(kAggregates, name)) return true;
  return std::ranges::any_of(kCombinators, [&](std::string_view combinator) {
    return name.size() > combinator.size() && name.ends_with(combinator) &&
           IsAllowedAggregate(name.substr(0, name.size() - combinator.size()));
  });
}

}  // namespace

bool IsAllowedFunction(std::string_view name) {
  constexpr std::size_t kNameBytesMax = 64;  // combinators nest
  if (name.size() > kNameBytesMax) return false;
  const std::string lower = LowerCase(name);
  return std::ranges::binary_search(kFunctions, lower) || IsAllowedAggregate(lower);
}

}  // namespace nightjar::query::internal
