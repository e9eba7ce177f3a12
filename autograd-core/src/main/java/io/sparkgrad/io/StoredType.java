// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.io;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import java.nio.ByteBuffer;

/** The element types of safetensors that are read; others are refused by name. */
enum StoredType {
  F64(8),
  F32(4),
  F16(2),
  BF16(2),
  I64(8),
  I32(4),
  I16(2),
  I8(1),
  U8(1),
  BOOL(1);

  private final int bytes;

  StoredType(int bytes) {
    this.bytes = bytes;
  }

  int bytes() {
    return bytes;
  }

  static StoredType of(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> F32;
      case FLOAT64 -> F64;
      case INT64 -> I64;
      case BOOL -> BOOL;
    };
  }

  /** The numbers of one tensor; F16 and BF16 widen to FLOAT32, integers to INT64. */
  Tensor decode(ByteBuffer data, Shape shape) {
    int n = Math.toIntExact(shape.numel());
    return switch (this) {
      case F64 -> {
        double[] values = new double[n];
        data.asDoubleBuffer().get(values);
        yield Tensor.of(values).reshape(shape.dims());
      }
      case F32, F16, BF16 -> Tensor.of(floats(data, n), shape);
      case BOOL -> Tensor.of(integers(data, n)).reshape(shape.dims()).to(DType.BOOL);
      default -> Tensor.of(integers(data, n)).reshape(shape.dims());
    };
  }

  private float[] floats(ByteBuffer data, int n) {
    float[] values = new float[n];
    if (this == F32) {
      data.asFloatBuffer().get(values);
      return values;
    }
    for (int i = 0; i < n; i++) {
      short s = data.getShort();
      values[i] = this == F16 ? halfToFloat(s) : Float.intBitsToFloat(s << 16);
    }
    return values;
  }

  private long[] integers(ByteBuffer data, int n) {
    long[] values = new long[n];
    for (int i = 0; i < n; i++) {
      values[i] =
          switch (this) {
            case I64 -> data.getLong();
            case I32 -> data.getInt();
            case I16 -> data.getShort();
            case I8 -> data.get();
            default -> data.get() & 0xFF;
          };
    }
    return values;
  }

  /**
   * IEEE 754 binary16, subnormals, infinities and NaN included ({@code Float.float16ToFloat} came
   * with Java 20).
   */
  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1F;
    int mantissa = half & 0x3FF;
    if (exponent == 0) {
      float subnormal = mantissa * 0x1p-24f;
      return sign == 0 ? subnormal : -subnormal;
    }
    int bits = exponent == 0x1F ? 0x7F800000 : (exponent + 112) << 23;
    return Float.intBitsToFloat(sign | bits | mantissa << 13);
  }
}
