// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/** Moves numbers from one layout to another. */
final class Reorders {
  private record Key(Format from, Format to) {}

  private static final ConcurrentHashMap<Key, Primitive> KNOWN = new ConcurrentHashMap<>();

  private Reorders() {}

  static void run(Format from, long source, Format to, long target) {
    KNOWN.computeIfAbsent(new Key(from, to), Reorders::create).run(source, target);
  }

  private static Primitive create(Key key) {
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    Dnnl.check(
        dnnl.dnnl_reorder_primitive_desc_create(
            description,
            key.from.descriptor(),
            Dnnl.engine(),
            key.to.descriptor(),
            Dnnl.engine(),
            Description.attributes()),
        "reorder");
    Primitive primitive =
        new Primitive(
            "reorder",
            description,
            new Primitive.Argument(dnnl.DNNL_ARG_FROM, key.from),
            new Primitive.Argument(dnnl.DNNL_ARG_TO, key.to));
    dnnl.dnnl_primitive_desc_destroy(description);
    return primitive;
  }
}
