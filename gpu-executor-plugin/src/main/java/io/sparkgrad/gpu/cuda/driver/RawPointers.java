// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

/** JCuda's pointers as numbers, which it keeps to itself and its subclasses. */
final class RawPointers {
  private RawPointers() {}

  /** Points where the driver lets it. */
  static final class Device extends CUdeviceptr {
    Device() {}

    /** A null pointer and an offset: what JCuda passes on is their sum. */
    Device(long address) {
      super(new CUdeviceptr(), address);
    }

    long address() {
      return getNativePointer() + getByteOffset();
    }
  }

  /** Host memory outside of Java's heap. */
  static final class Host extends Pointer {
    Host() {}

    Host(long address) {
      super(address);
    }

    long address() {
      return getNativePointer();
    }
  }
}
