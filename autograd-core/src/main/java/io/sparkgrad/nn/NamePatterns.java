// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds parameters by names and globs of layers and parameters. */
final class NamePatterns {
  private final List<String> parameters;
  private final Set<String> layers;
  private final List<String> topLayers;

  NamePatterns(Module module) {
    parameters = List.copyOf(module.namedParameters().keySet());
    layers = module.namedModules().keySet();
    topLayers = List.copyOf(module.namedChildren().keySet());
  }

  List<String> matching(List<String> patterns) {
    List<Pattern> globs = new ArrayList<>();
    for (String pattern : patterns) {
      Pattern glob = glob(pattern);
      boolean known =
          layers.stream().anyMatch(l -> !l.isEmpty() && glob.matcher(l).matches())
              || parameters.stream().anyMatch(p -> glob.matcher(p).matches());
      if (!known) {
        throw new IllegalArgumentException(unknown(pattern));
      }
      globs.add(glob);
    }
    return parameters.stream()
        .filter(name -> globs.stream().anyMatch(glob -> matches(glob, name)))
        .toList();
  }

  /** Whether the glob names the parameter or a layer that it lies in. */
  private static boolean matches(Pattern glob, String parameter) {
    if (glob.matcher(parameter).matches()) {
      return true;
    }
    for (int dot = parameter.indexOf('.'); dot >= 0; dot = parameter.indexOf('.', dot + 1)) {
      if (glob.matcher(parameter.substring(0, dot)).matches()) {
        return true;
      }
    }
    return false;
  }

  private String unknown(String pattern) {
    List<String> deeper = layers.stream().filter(l -> l.contains(".")).toList();
    String more = deeper.isEmpty() ? "" : ", and below them " + String.join(", ", deeper);
    return "frozenLayers: no layer or parameter is called '%s'; the layers are %s%s"
        .formatted(pattern, String.join(", ", topLayers), more);
  }

  private static Pattern glob(String pattern) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
    }
    return Pattern.compile(regex.toString());
  }
}
