// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds parameters by names and globs of layers and parameters: in a glob {@code *} stands for any
 * run of characters, dots included, and {@code ?} for one.
 */
public final class NamePatterns {
  private static final int LISTED_IN_FULL = 30;

  private final String setting;
  private final Set<String> layers;
  private final Set<String> parameters;

  /**
   * Looks among these names.
   *
   * @param setting where the patterns stand, for messages
   */
  NamePatterns(String setting, Set<String> layers, Set<String> parameters) {
    this.setting = setting;
    this.layers = layers;
    this.parameters = parameters;
  }

  List<String> matching(List<String> patterns) {
    List<Pattern> globs = new ArrayList<>();
    for (String pattern : patterns) {
      Pattern glob = glob(pattern);
      boolean known =
          layers.stream().anyMatch(l -> glob.matcher(l).matches())
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

  /** Whether the pattern names the parameter or a layer that it lies in. */
  public static boolean matches(String pattern, String parameter) {
    return matches(glob(pattern), parameter);
  }

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

  /** Lists all layers of a small network, and of a large one the level at which the name fails. */
  private String unknown(String pattern) {
    List<String> top = layers.stream().filter(l -> !l.contains(".")).toList();
    String start = "%s: no layer or parameter is called '%s'; ".formatted(setting, pattern);
    if (top.isEmpty()) {
      return start + "the parameters are " + String.join(", ", parameters);
    }
    if (layers.size() <= LISTED_IN_FULL) {
      List<String> deeper = layers.stream().filter(l -> l.contains(".")).toList();
      String more = deeper.isEmpty() ? "" : ", and below them " + String.join(", ", deeper);
      return start + "the layers are " + String.join(", ", top) + more;
    }
    String parent = deepestLayerOf(pattern);
    List<String> level =
        layers.stream()
            .filter(l -> l.substring(0, Math.max(0, l.lastIndexOf('.'))).equals(parent))
            .toList();
    return "%sthe layers %s are %s (and %d layers in all; namedModules() lists them)"
        .formatted(
            start,
            parent.isEmpty() ? "of the network" : "of " + parent,
            String.join(", ", level),
            layers.size());
  }

  /** The longest beginning of the name that is a layer with layers of its own. */
  private String deepestLayerOf(String name) {
    String parent = name;
    while (!parent.isEmpty()) {
      parent = parent.substring(0, Math.max(0, parent.lastIndexOf('.')));
      String prefix = parent + ".";
      if (layers.stream().anyMatch(l -> l.startsWith(prefix))) {
        break;
      }
    }
    return parent;
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
