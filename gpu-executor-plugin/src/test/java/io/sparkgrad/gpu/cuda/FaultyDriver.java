// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.CudaException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A driver some of whose calls find no device memory, as often as one wants. */
final class FaultyDriver {
  private final CudaDriver driver;
  private final Map<String, Integer> failures = new ConcurrentHashMap<>();

  FaultyDriver(CudaDriver driver) {
    this.driver = driver;
  }

  /** The method of this name fails the next so many times. */
  void fail(String method, int times) {
    failures.put(method, times);
  }

  CudaDriver driver() {
    return (CudaDriver)
        Proxy.newProxyInstance(
            CudaDriver.class.getClassLoader(),
            new Class<?>[] {CudaDriver.class},
            (proxy, method, arguments) -> call(method, arguments));
  }

  private Object call(Method method, Object[] arguments) throws Throwable {
    String name = method.getName();
    int left = failures.getOrDefault(name, 0);
    if (left > 0) {
      failures.put(name, left - 1);
      throw new CudaException(name, 2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory");
    }
    try {
      return method.invoke(driver, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
