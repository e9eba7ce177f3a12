// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Copies a state dict into a module, or refuses it as a whole: all that does not fit is known
 * before the first value is written.
 */
final class StateDictLoading {
  private final Map<String, Tensor> own;
  private final Set<String> optional = new LinkedHashSet<>();

  StateDictLoading(Module module) {
    own = module.stateDict();
    module
        .namedModules(false)
        .forEach(
            (name, part) ->
                part.optionalState().forEach(key -> optional.add(ModuleContents.join(name, key))));
  }

  Module.LoadResult load(Map<String, Tensor> state, boolean strict) {
    List<String> missing =
        own.keySet().stream().filter(k -> !state.containsKey(k) && !optional.contains(k)).toList();
    List<String> unexpected = state.keySet().stream().filter(k -> !own.containsKey(k)).toList();
    List<String> errors = new ArrayList<>();
    if (strict && !missing.isEmpty()) {
      errors.add("Missing key(s): " + String.join(", ", missing));
    }
    if (strict && !unexpected.isEmpty()) {
      errors.add("Unexpected key(s): " + String.join(", ", unexpected));
    }
    errors.addAll(misfits(state));
    if (!errors.isEmpty()) {
      throw new IllegalArgumentException("loadStateDict: " + String.join("; ", errors));
    }
    try (var mode = GradMode.noGrad()) {
      own.forEach((name, target) -> copy(state.get(name), target, strict));
    }
    return new Module.LoadResult(missing, unexpected);
  }

  private List<String> misfits(Map<String, Tensor> state) {
    List<String> misfits = new ArrayList<>();
    own.forEach(
        (name, target) -> {
          Tensor source = state.get(name);
          if (source != null && !fits(source, target)) {
            misfits.add(
                "size mismatch for %s: expected %s, got %s"
                    .formatted(name, target.shape(), source.shape()));
          }
        });
    return misfits;
  }

  /** Equal shapes, or one element each: old files hold scalars as vectors. */
  private static boolean fits(Tensor source, Tensor target) {
    return source.shape().equals(target.shape()) || (source.numel() == 1 && target.numel() == 1);
  }

  private static void copy(@Nullable Tensor source, Tensor target, boolean strict) {
    if (source != null) {
      target.copy_(source.reshape(target.shape().dims()));
    } else if (strict) {
      target.zero_(); // optional: anything else that is missing was refused
    }
  }
}
