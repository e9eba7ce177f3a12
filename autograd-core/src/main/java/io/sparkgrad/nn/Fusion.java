// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.Trace;
import io.sparkgrad.autograd.op.BatchNorm.Folded;
import io.sparkgrad.backend.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs a convolution or a linear map and the layers behind it as one kernel, where the backend
 * gains by that and where it shows in nothing but time: no hook is registered on any of them,
 * results are equal but for rounding, and the recorded graph is the same. A batch norm joins only
 * where it normalises by running statistics and nothing is recorded.
 */
public final class Fusion {
  private Fusion() {}

  /** {@code relu(norm(conv(x)))}. */
  public static Tensor relu(Tensor x, Conv2d conv, BatchNorm2d norm) {
    Tensor fused = inference(x, conv, norm, null, true);
    return fused == null ? norm.call(conv.call(x)).relu() : fused;
  }

  /** {@code relu(norm(conv(x)) + shortcut)}. */
  public static Tensor relu(Tensor x, Conv2d conv, BatchNorm2d norm, Tensor shortcut) {
    Tensor fused = inference(x, conv, norm, shortcut, true);
    return fused == null ? norm.call(conv.call(x)).add(shortcut).relu() : fused;
  }

  /** {@code relu(linear(x))}. */
  static Tensor relu(Tensor x, Linear linear) {
    return isFused(x, linear) ? linear.relu(x) : linear.call(x).relu();
  }

  /** The layers one after the other. */
  static Tensor sequence(Tensor x, List<Module> layers) {
    Tensor y = x;
    for (int i = 0; i < layers.size(); ) {
      Module layer = layers.get(i);
      Module next = i + 1 < layers.size() ? layers.get(i + 1) : null;
      Module last = i + 2 < layers.size() ? layers.get(i + 2) : null;
      if (layer instanceof Conv2d conv && next instanceof BatchNorm2d norm) {
        boolean relu = isPlainRelu(last);
        Tensor fused = inference(y, conv, norm, null, relu);
        if (fused != null) {
          y = fused;
          i += relu ? 3 : 2;
          continue;
        }
      }
      boolean relu = isPlainRelu(next) && isFused(y, layer);
      if (relu && layer instanceof Conv2d conv) {
        y = conv.relu(y);
        i += 2;
      } else if (relu && layer instanceof Linear linear) {
        y = linear.relu(y);
        i += 2;
      } else {
        y = layer.call(y);
        i++;
      }
    }
    return y;
  }

  private static boolean isPlainRelu(@Nullable Module layer) {
    return layer instanceof ReLU && !layer.hasHooks();
  }

  private static boolean isFused(Tensor x, Module layer) {
    return x.dtype() == DType.FLOAT32 && x.backend().fusesEpilogues() && !layer.hasHooks();
  }

  private static @Nullable Tensor inference(
      Tensor x, Conv2d conv, BatchNorm2d norm, @Nullable Tensor summand, boolean relu) {
    if (!isFused(x, conv) || norm.hasHooks() || GradMode.isEnabled() || Trace.isWatching()) {
      return null;
    }
    Folded folded = norm.folded(conv.weight().size(0));
    return folded == null ? null : conv.inference(x, folded, summand, relu);
  }
}
