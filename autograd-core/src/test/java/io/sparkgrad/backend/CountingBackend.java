// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import io.sparkgrad.backend.java.JavaBackend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A backend in front of another that counts the calls of each kernel, and the memory in use. It is
 * a device of its own: a buffer of any other it refuses.
 */
public final class CountingBackend {
  private final Backend target;
  private final Backend proxy;
  private final Map<String, Integer> calls = new ConcurrentHashMap<>();
  private final AtomicLong liveBytes = new AtomicLong();

  private static final class Counted extends Buffer {
    private final Buffer target;
    private final CountingBackend device;

    Counted(Buffer target, CountingBackend device) {
      this.target = target;
      this.device = device;
      device.liveBytes.addAndGet(bytes());
    }

    private long bytes() {
      return target.length() * target.dtype().bytes();
    }

    @Override
    public Backend backend() {
      return device.proxy;
    }

    @Override
    protected void free() {
      device.liveBytes.addAndGet(-bytes());
      target.release();
    }

    @Override
    public DType dtype() {
      return target.dtype();
    }

    @Override
    public long length() {
      return target.length();
    }
  }

  public CountingBackend(Backend target) {
    this(target, kernel -> {});
  }

  /** The java backend, which says that it is a GPU: every download would be a wait. */
  public static CountingBackend ofGpu() {
    return new CountingBackend(
        new JavaBackend() {
          @Override
          public DeviceType deviceType() {
            return DeviceType.GPU;
          }
        });
  }

  /**
   * With something that is done before each call.
   *
   * @param before is told the method; what it throws, the call throws
   */
  public CountingBackend(Backend target, Consumer<String> before) {
    this.target = target;
    this.proxy =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (self, method, args) -> {
                  calls.merge(method.getName(), 1, Integer::sum);
                  before.accept(method.getName());
                  try {
                    Object result = method.invoke(this.target, unwrapped(args));
                    return result instanceof Buffer b ? new Counted(b, this) : result;
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
  }

  private Object[] unwrapped(Object[] args) {
    return args == null ? null : Arrays.stream(args).map(this::unwrapped).toArray();
  }

  private Object unwrapped(Object arg) {
    if (arg instanceof List<?> list) {
      return list.stream().map(this::unwrapped).toList();
    }
    if (arg instanceof Buffer buffer) {
      if (buffer instanceof Counted c && c.device == this) {
        return c.target;
      }
      throw new BackendException("counting backend: a buffer of " + buffer.backend().name());
    }
    if (arg instanceof Epilogue e) {
      return new Epilogue(own(e.scale()), own(e.shift()), own(e.summand()), e.relu());
    }
    return arg;
  }

  private Buffer own(Buffer buffer) {
    return buffer == null ? null : (Buffer) unwrapped(buffer);
  }

  /** What to allocate from. */
  public Backend backend() {
    return proxy;
  }

  /** How often a kernel ran since the last {@link #reset}. */
  public int calls(String kernel) {
    return calls.getOrDefault(kernel, 0);
  }

  /**
   * Of all buffers that no scope has given back; those that nothing refers to any more included.
   */
  public long liveBytes() {
    return liveBytes.get();
  }

  public void reset() {
    calls.clear();
  }
}
