// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Moves numbers from one layout to another; several threads share the outermost dimension where it
 * is the outermost in both.
 */
final class Reorders {
  /** Of so many entries of the outermost dimension. */
  private record Key(Format from, Format to, long entries) {}

  private static final ConcurrentHashMap<Key, Primitive> KNOWN = new ConcurrentHashMap<>();

  private Reorders() {}

  static void run(Format from, long source, Format to, long target) {
    long fromStep = from.entryBytes();
    long toStep = to.entryBytes();
    boolean divisible = fromStep != 0 && toStep != 0;
    long elements = (from.bytes() + to.bytes()) / 4;
    long most = Slices.worthwhile(elements, Slices.Least.DEFAULT.elements());
    Slices s = Slices.of(from.dims()[0], divisible ? most : 1, 1);
    Workers.run(
        s.count(),
        i ->
            KNOWN
                .computeIfAbsent(new Key(from, to, s.length(i)), Reorders::create)
                .run(source + s.start(i) * fromStep, target + s.start(i) * toStep));
  }

  /** Numbers of any type as INT32 in row-major order. */
  static void toIntegers(Format from, long source, long target) {
    long[] dims = from.dims();
    long[] strides = Format.rowMajorStrides(dims);
    dnnl_memory_desc integers = new dnnl_memory_desc();
    Dnnl.check(
        dnnl.dnnl_memory_desc_create_with_strides(
            integers, dims.length, dims, dnnl.dnnl_s32, strides),
        "memory descriptor");
    Format to = Format.copyOf(integers, dims);
    dnnl.dnnl_memory_desc_destroy(integers);
    KNOWN.computeIfAbsent(new Key(from, to, dims[0]), Reorders::create).run(source, target);
  }

  private static Primitive create(Key key) {
    boolean all = key.entries == key.from.dims()[0];
    Format from = all ? key.from : key.from.first(key.entries);
    Format to = all ? key.to : key.to.first(key.entries);
    return create(from, to);
  }

  static Primitive create(Format from, Format to) {
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    Dnnl.check(
        dnnl.dnnl_reorder_primitive_desc_create(
            description,
            from.descriptor(),
            Dnnl.engine(),
            to.descriptor(),
            Dnnl.engine(),
            Description.attributes()),
        "reorder");
    Primitive primitive =
        new Primitive(
            "reorder",
            description,
            new Primitive.Argument(dnnl.DNNL_ARG_FROM, from),
            new Primitive.Argument(dnnl.DNNL_ARG_TO, to));
    dnnl.dnnl_primitive_desc_destroy(description);
    return primitive;
  }
}
