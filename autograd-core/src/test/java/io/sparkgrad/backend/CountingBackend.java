// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A backend in front of another that counts the calls of each kernel. Not safe for threads. */
public final class CountingBackend {
  private final Backend target;
  private final Backend proxy;
  private final Map<String, Integer> calls = new TreeMap<>();

  private static final class Counted extends Buffer {
    private final Buffer target;
    private final Backend backend;

    Counted(Buffer target, Backend backend) {
      this.target = target;
      this.backend = backend;
    }

    @Override
    public Backend backend() {
      return backend;
    }

    @Override
    protected void free() {
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
    this.target = target;
    this.proxy =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (self, method, args) -> {
                  calls.merge(method.getName(), 1, Integer::sum);
                  try {
                    Object result = method.invoke(this.target, unwrapped(args));
                    return result instanceof Buffer b ? new Counted(b, backend()) : result;
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
  }

  private static Object[] unwrapped(Object[] args) {
    return args == null ? null : Arrays.stream(args).map(CountingBackend::unwrapped).toArray();
  }

  private static Object unwrapped(Object arg) {
    if (arg instanceof List<?> list) {
      return list.stream().map(CountingBackend::unwrapped).toList();
    }
    return arg instanceof Counted c ? c.target : arg;
  }

  /** What to allocate from. */
  public Backend backend() {
    return proxy;
  }

  /** How often a kernel ran since the last {@link #reset}. */
  public int calls(String kernel) {
    return calls.getOrDefault(kernel, 0);
  }

  public void reset() {
    calls.clear();
  }
}
