#include "common/config/config.h"

#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status_macros.h"

ABSL_FLAG(std::string, config, "", "YAML file with one `flag: value` per line.");

namespace tidemark::config {
namespace {

// Sorted by name.
std::map<std::string, absl::CommandLineFlag*> Flags() {
  std::map<std::string, absl::CommandLineFlag*> flags;
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    if (!flag->IsRetired()) flags.emplace(std::string(name), flag);
  }
  return flags;
}

std::string AllowedNames() {
  std::vector<std::string> names;
  for (const auto& [name, flag] : Flags()) names.push_back(absl::StrCat("--", name));
  return absl::StrJoin(names, ", ");
}

// What a value of this flag's type looks like; its help says it for any other type.
std::string Wanted(const absl::CommandLineFlag& flag) {
  if (flag.IsOfType<bool>()) return "want true or false";
  if (flag.IsOfType<int32_t>() || flag.IsOfType<int64_t>()) return "want a whole number";
  if (flag.IsOfType<uint32_t>() || flag.IsOfType<uint64_t>()) return "want a whole number >= 0";
  if (flag.IsOfType<double>()) return "want a number";
  return absl::StrCat("want: ", flag.Help());
}

// `origin` says where the value came from, in the words of whoever set it.
absl::Status Set(absl::CommandLineFlag& flag, const std::string& value, std::string_view origin) {
  std::string error;
  if (flag.ParseFrom(value, &error)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(origin, ": \"", value, "\" does not fit, ",
                                                 Wanted(flag), error.empty() ? "" : "; ", error));
}

absl::Status Unknown(std::string_view origin) {
  return absl::InvalidArgumentError(
      absl::StrCat(origin, ": no such setting; there are ", AllowedNames()));
}

struct Assignment {
  std::string name;
  std::string value;
};

absl::StatusOr<std::vector<Assignment>> ReadYaml(const std::string& path) {
  try {
    const YAML::Node root = YAML::LoadFile(path);
    std::vector<Assignment> assignments;
    if (root.IsNull()) return assignments;
    if (!root.IsMap()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": want lines of `flag: value`"));
    }
    for (const auto& entry : root) {
      const auto name = entry.first.as<std::string>();
      if (!entry.second.IsScalar()) {
        return absl::InvalidArgumentError(
            absl::StrCat(path, ": ", name, ": want a single value, not a list or a map"));
      }
      assignments.push_back({name, entry.second.as<std::string>()});
    }
    return assignments;
  } catch (const YAML::BadFile&) {
    return absl::NotFoundError(absl::StrCat("--config=", path, ": cannot be read"));
  } catch (const YAML::Exception& e) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", e.what()));
  }
}

absl::Status ApplyFile(const std::string& path) {
  TM_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, ReadYaml(path));
  const auto flags = Flags();
  for (const auto& [name, value] : assignments) {
    const std::string origin = absl::StrCat(path, ": ", name);
    const auto flag = flags.find(name);
    if (flag == flags.end()) return Unknown(origin);
    if (name == "config") {
      return absl::InvalidArgumentError(absl::StrCat(origin, ": a file cannot name another"));
    }
    TM_RETURN_IF_ERROR(Set(*flag->second, value, origin));
  }
  return absl::OkStatus();
}

std::string EnvironmentName(std::string_view program, std::string_view flag) {
  return absl::AsciiStrToUpper(absl::StrCat("TIDEMARK_", program, "_", flag));
}

absl::Status ApplyEnvironment(std::string_view program, const Environment& environment) {
  for (const auto& [name, flag] : Flags()) {
    const std::string variable = EnvironmentName(program, name);
    if (const auto value = environment(variable)) {
      TM_RETURN_IF_ERROR(Set(*flag, *value, variable));
    }
  }
  return absl::OkStatus();
}

struct CommandLine {
  std::vector<Assignment> assignments;
  std::vector<std::string> positional;
};

// Takes --name=value, --name value, --flag and --noflag for booleans; "--" ends the flags.
absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& args) {
  CommandLine result;
  const auto flags = Flags();
  for (size_t i = 0; i < args.size(); ++i) {
    std::string_view arg = args[i];
    if (arg == "--") {
      result.positional.insert(result.positional.end(), args.begin() + i + 1, args.end());
      break;
    }
    if (!absl::StartsWith(arg, "-") || arg == "-") {
      result.positional.emplace_back(arg);
      continue;
    }
    arg.remove_prefix(absl::StartsWith(arg, "--") ? 2 : 1);
    const size_t equals = arg.find('=');
    const std::string name(arg.substr(0, equals));
    const auto flag = flags.find(name);
    if (equals != std::string_view::npos) {
      result.assignments.push_back({name, std::string(arg.substr(equals + 1))});
    } else if (flag != flags.end() && !flag->second->IsOfType<bool>()) {
      if (i + 1 == args.size()) {
        return absl::InvalidArgumentError(
            absl::StrCat("--", name, ": value missing, ", Wanted(*flag->second)));
      }
      result.assignments.push_back({name, args[++i]});
    } else if (flag == flags.end() && absl::StartsWith(name, "no") &&
               flags.contains(name.substr(2)) && flags.at(name.substr(2))->IsOfType<bool>()) {
      result.assignments.push_back({name.substr(2), "false"});
    } else {
      result.assignments.push_back({name, "true"});
    }
    if (!flags.contains(result.assignments.back().name)) return Unknown(absl::StrCat("--", name));
  }
  return result;
}

std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> Load(const std::vector<std::string>& args,
                                              std::string_view program,
                                              const Environment& environment) {
  TM_ASSIGN_OR_RETURN(CommandLine command_line, ParseCommandLine(args));
  std::string file = environment(EnvironmentName(program, "config")).value_or("");
  for (const auto& [name, value] : command_line.assignments) {
    if (name == "config") file = value;
  }
  // Weakest first: what comes later replaces what came before.
  if (!file.empty()) TM_RETURN_IF_ERROR(ApplyFile(file));
  TM_RETURN_IF_ERROR(ApplyEnvironment(program, environment));
  const auto flags = Flags();
  for (const auto& [name, value] : command_line.assignments) {
    TM_RETURN_IF_ERROR(Set(*flags.at(name), value, absl::StrCat("--", name)));
  }
  return std::move(command_line.positional);
}

std::string FlagHelp(std::string_view program) {
  std::string help;
  for (const auto& [name, flag] : Flags()) {
    absl::StrAppend(&help, "  --", name, "  ", flag->Help(), "\n      default ",
                    flag->DefaultValue().empty() ? "none" : flag->DefaultValue(), ", environment ",
                    EnvironmentName(program, name), "\n");
  }
  return help;
}

std::vector<std::string> ParseOrExit(int argc, char** argv, std::string_view program,
                                     std::string_view usage) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  for (const std::string& arg : args) {
    if (arg == "--") break;
    if (arg == "--help" || arg == "-h") {
      std::fputs(absl::StrCat(usage, "\n\n", FlagHelp(program)).c_str(), stdout);
      std::exit(EXIT_SUCCESS);
    }
  }
  auto positional = Load(args, program, ProcessEnvironment);
  if (!positional.ok()) {
    std::fputs(absl::StrCat(argv[0], ": ", positional.status().message(), "\n").c_str(), stderr);
    std::exit(kExitUsage);
  }
  return *std::move(positional);
}

}  // namespace tidemark::config
