// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * Values on their way from a device to the host: they are what the buffer held when it was asked,
 * whatever has been written to it since, also if it was given back. Asked for by one thread.
 */
public interface Readback {
  /** Waits for the values. */
  float[] floats();

  /** Waits for the values. */
  double[] doubles();

  /** Values that are here, copied from a buffer in the type in which none changes. */
  static Readback of(Buffer source) {
    int length = Math.toIntExact(source.length());
    if (source.dtype() == DType.FLOAT32) {
      float[] values = new float[length];
      source.backend().download(source, values);
      return of(values);
    }
    double[] values = new double[length];
    source.backend().download(source, values);
    return of(values);
  }

  static Readback of(float[] values) {
    return new Readback() {
      @Override
      public float[] floats() {
        return values;
      }

      @Override
      public double[] doubles() {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
          doubles[i] = values[i];
        }
        return doubles;
      }
    };
  }

  static Readback of(double[] values) {
    return new Readback() {
      @Override
      public float[] floats() {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
          floats[i] = (float) values[i];
        }
        return floats;
      }

      @Override
      public double[] doubles() {
        return values;
      }
    };
  }
}
