// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.global.dnnl;

/** Operations that a primitive does on its result before it writes it, in order. */
final class PostOps implements AutoCloseable {
  private final dnnl_post_ops handle = new dnnl_post_ops();
  private final List<Integer> operands = new ArrayList<>();
  private int count;

  PostOps() {
    check(dnnl.dnnl_post_ops_create(handle));
  }

  dnnl_post_ops handle() {
    return handle;
  }

  PostOps multiply(dnnl_memory_desc factor) {
    return binary(dnnl.dnnl_binary_mul, factor);
  }

  PostOps add(dnnl_memory_desc summand) {
    return binary(dnnl.dnnl_binary_add, summand);
  }

  /** Turns NaN into 0. */
  PostOps relu() {
    check(dnnl.dnnl_post_ops_append_eltwise(handle, dnnl.dnnl_eltwise_relu, 0, 0));
    count++;
    return this;
  }

  private PostOps binary(int kind, dnnl_memory_desc operand) {
    check(dnnl.dnnl_post_ops_append_binary(handle, kind, operand));
    operands.add(dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * (count + 1) | dnnl.DNNL_ARG_SRC_1);
    count++;
    return this;
  }

  /** How many operands the operations take. */
  int operands() {
    return operands.size();
  }

  /** oneDNN's number of the operand that was added at this place. */
  int argument(int operand) {
    return operands.get(operand);
  }

  private static void check(int status) {
    Dnnl.check(status, "post-ops");
  }

  @Override
  public void close() {
    dnnl.dnnl_post_ops_destroy(handle);
  }
}
