// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A type suffix of PTX. */
enum Type {
  PRED(Storage.PREDICATE, 0, Kind.BITS),
  B8(Storage.INT, 1, Kind.BITS),
  U8(Storage.INT, 1, Kind.UNSIGNED),
  S8(Storage.INT, 1, Kind.SIGNED),
  B16(Storage.INT, 2, Kind.BITS),
  U16(Storage.INT, 2, Kind.UNSIGNED),
  S16(Storage.INT, 2, Kind.SIGNED),
  B32(Storage.INT, 4, Kind.BITS),
  U32(Storage.INT, 4, Kind.UNSIGNED),
  S32(Storage.INT, 4, Kind.SIGNED),
  B64(Storage.LONG, 8, Kind.BITS),
  U64(Storage.LONG, 8, Kind.UNSIGNED),
  S64(Storage.LONG, 8, Kind.SIGNED),
  F16(Storage.INT, 2, Kind.FLOAT),
  BF16(Storage.INT, 2, Kind.FLOAT),
  F16X2(Storage.INT, 4, Kind.FLOAT),
  BF16X2(Storage.INT, 4, Kind.FLOAT),
  TF32(Storage.INT, 4, Kind.FLOAT),
  F32(Storage.FLOAT, 4, Kind.FLOAT),
  F64(Storage.DOUBLE, 8, Kind.FLOAT);

  /**
   * The file of registers that holds a type. Values of fewer than 32 bits are kept in the low bits
   * of an int; the bits above are zero.
   */
  enum Storage {
    PREDICATE,
    INT,
    LONG,
    FLOAT,
    DOUBLE
  }

  /** How the bits are read. */
  enum Kind {
    BITS,
    UNSIGNED,
    SIGNED,
    FLOAT
  }

  private static final Map<String, Type> BY_NAME =
      Stream.of(values())
          .collect(Collectors.toMap(t -> t.name().toLowerCase(Locale.ROOT), Function.identity()));

  final Storage storage;
  final int bytes;
  final Kind kind;

  Type(Storage storage, int bytes, Kind kind) {
    this.storage = storage;
    this.bytes = bytes;
    this.kind = kind;
  }

  /** The type of this name without its dot, if it is one. */
  static Optional<Type> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  int bits() {
    return 8 * bytes;
  }

  boolean signed() {
    return kind == Kind.SIGNED;
  }

  boolean isFloat() {
    return kind == Kind.FLOAT;
  }
}
