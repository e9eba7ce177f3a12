// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/** A primitive's description while the primitive is made; frees what belongs to it. */
final class Description implements AutoCloseable {
  final dnnl_primitive_desc handle = new dnnl_primitive_desc();
  private final String name;
  private final List<dnnl_memory_desc> anyFormats = new ArrayList<>();
  private final List<dnnl_primitive_attr> ownAttributes = new ArrayList<>(0);

  Description(String name) {
    this.name = name;
  }

  /** Leaves the layout of these dimensions to oneDNN. */
  dnnl_memory_desc any(long... dims) {
    dnnl_memory_desc descriptor = Format.any(dims);
    anyFormats.add(descriptor);
    return descriptor;
  }

  Description checked(int status) {
    Dnnl.check(status, name);
    return this;
  }

  /** The format that oneDNN chose, or was given, for an argument of these dimensions. */
  Format format(int argument, long... dims) {
    return Format.copyOf(
        dnnl.dnnl_primitive_desc_query_md(handle, dnnl.dnnl_query_exec_arg_md, argument), dims);
  }

  /** An argument of these dimensions in the format that oneDNN chose or was given. */
  Primitive.Argument argument(int id, long... dims) {
    return new Primitive.Argument(id, format(id, dims));
  }

  Primitive compiled(Primitive.Argument... arguments) {
    return new Primitive(name, handle, arguments);
  }

  /** What most primitives are made with: working memory comes with each call. */
  private static final class Plain {
    private static final dnnl_primitive_attr ATTRIBUTES = newAttributes();
  }

  /** For primitives that need more than the plain ones; the caller adds it. */
  static dnnl_primitive_attr newAttributes() {
    dnnl_primitive_attr attributes = new dnnl_primitive_attr();
    Dnnl.check(dnnl.dnnl_primitive_attr_create(attributes), "attributes");
    // In oneDNN's own mode a primitive may only run on the thread that made it.
    Dnnl.check(
        dnnl.dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl.dnnl_scratchpad_mode_user),
        "attributes");
    return attributes;
  }

  static dnnl_primitive_attr attributes() {
    return Plain.ATTRIBUTES;
  }

  /** The same, with operations on the result. */
  dnnl_primitive_attr attributes(PostOps operations) {
    dnnl_primitive_attr made = newAttributes();
    Dnnl.check(
        dnnl.dnnl_primitive_attr_set_post_ops(made, operations.handle()), name + ": attributes");
    ownAttributes.add(made);
    return made;
  }

  @Override
  public void close() {
    ownAttributes.forEach(dnnl::dnnl_primitive_attr_destroy);
    anyFormats.forEach(dnnl::dnnl_memory_desc_destroy);
    dnnl.dnnl_primitive_desc_destroy(handle);
  }
}
