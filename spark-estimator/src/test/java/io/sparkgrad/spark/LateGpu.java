// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DeviceType;
import io.sparkgrad.backend.Readback;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * A backend of the CPU, said to be a GPU, which notes when values are asked for, and when somebody
 * waits for them.
 */
public final class LateGpu {
  private final List<String> events = Collections.synchronizedList(new ArrayList<>());
  private final DeviceType type;
  private final CountingBackend device;
  private int asked;

  /** One that computes as the {@code java} backend does. */
  public LateGpu() {
    this(Backends.byName("java"), DeviceType.GPU, method -> {});
  }

  /**
   * With something that is done before each call.
   *
   * @param computing as what it computes
   * @param type what it says it is
   * @param before is told the method; what it throws, the call throws
   */
  public LateGpu(Backend computing, DeviceType type, Consumer<String> before) {
    this.type = type;
    this.device = new CountingBackend(noting(computing), before);
  }

  private Backend noting(Backend computing) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (self, method, args) -> {
              switch (method.getName()) {
                case "deviceType" -> {
                  return type;
                }
                case "download" -> {
                  if (((Buffer) args[0]).dtype().isFloatingPoint()) {
                    events.add("wait");
                  }
                }
                case "downloadLater" -> {
                  if (args[0] instanceof Buffer buffer) {
                    return late(Readback.of(buffer));
                  }
                }
                default -> {}
              }
              try {
                return method.invoke(computing, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private synchronized Readback late(Readback values) {
    int number = asked++;
    events.add("ask " + number);
    return new Readback() {
      @Override
      public float[] floats() {
        events.add("read " + number);
        return values.floats();
      }

      @Override
      public double[] doubles() {
        events.add("read " + number);
        return values.doubles();
      }
    };
  }

  public Backend backend() {
    return device.backend();
  }

  /**
   * In their order: {@code ask N}, {@code read N} of what was asked for then, {@code wait} where
   * values were asked for at once, but for integers: of those that the host wrote, as labels, it
   * knows what they are. Tests may add their own.
   */
  public List<String> events() {
    return events;
  }

  /** How often a kernel ran. */
  public int calls(String kernel) {
    return device.calls(kernel);
  }

  /** Of all buffers that no scope has given back. */
  public long liveBytes() {
    return device.liveBytes();
  }
}
