// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Serializable;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All that the result of a fit depends on besides its rows: a checkpoint may be continued by a fit
 * of the same identity only.
 *
 * @param settings values in JSON by the names of the Params
 */
public record FitIdentity(Map<String, String> settings) implements Serializable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SHOWN = 60; // characters of a value in a message

  public FitIdentity {
    settings = new TreeMap<>(settings);
  }

  /**
   * The first setting in which a checkpoint's fit was another.
   *
   * @return the name with both values, in words; empty if they are the same
   */
  public Optional<String> difference(FitIdentity saved) {
    TreeSet<String> names = new TreeSet<>(settings.keySet());
    names.addAll(saved.settings.keySet());
    for (String name : names) {
      String now = settings.get(name);
      String then = saved.settings.get(name);
      if (!Objects.equals(now, then)) {
        return Optional.of("%s=%s, this one %s".formatted(name, shown(then), shown(now)));
      }
    }
    return Optional.empty();
  }

  private static String shown(@Nullable String value) {
    if (value == null) {
      return "does not set it";
    }
    return value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…";
  }

  public String toJson() {
    try {
      return JSON.writeValueAsString(settings);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of texts has a JSON form", e);
    }
  }

  /**
   * Reads what {@link #toJson()} wrote.
   *
   * @throws IOException if it is something else
   */
  public static FitIdentity fromJson(String json) throws IOException {
    return new FitIdentity(JSON.readValue(json, new TypeReference<TreeMap<String, String>>() {}));
  }
}
