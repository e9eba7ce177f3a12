// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * A compiled primitive and the arguments it takes. Several threads may run it at once: each call
 * borrows a set of memory objects (and working memory if the primitive needs any), and only points
 * them at other addresses, which costs less than a microsecond where making them would cost
 * several.
 */
final class Primitive {
  /**
   * One argument.
   *
   * @param id oneDNN's number of it, as in {@code DNNL_ARG_SRC}
   */
  record Argument(int id, Format format) {}

  private final String name;
  private final dnnl_primitive handle = new dnnl_primitive();
  private final Argument[] arguments;
  private final @Nullable dnnl_memory_desc scratchpad;
  private final long scratchpadBytes;
  private final ConcurrentLinkedQueue<Call> idle = new ConcurrentLinkedQueue<>();

  /** Compiles what {@code description} says; lives for ever, as the cache that holds it. */
  Primitive(String name, dnnl_primitive_desc description, Argument... arguments) {
    this.name = name;
    this.arguments = arguments;
    Dnnl.check(dnnl.dnnl_primitive_create(handle, description), name);
    dnnl_memory_desc wanted =
        dnnl.dnnl_primitive_desc_query_md(description, dnnl.dnnl_query_scratchpad_md, 0);
    this.scratchpadBytes = wanted == null ? 0 : dnnl.dnnl_memory_desc_get_size(wanted);
    this.scratchpad = scratchpadBytes == 0 ? null : new dnnl_memory_desc();
    if (scratchpad != null) {
      Dnnl.check(dnnl.dnnl_memory_desc_clone(scratchpad, wanted), name);
    }
  }

  Format format(int argument) {
    return arguments[argument].format;
  }

  /** Runs on the calling thread with these addresses, in the order of the arguments. */
  void run(long... addresses) {
    Call call = idle.poll();
    if (call == null) {
      call = new Call();
    }
    if (scratchpad == null) {
      call.run(addresses);
    } else {
      runWithScratchpad(call, addresses);
    }
    idle.add(call);
  }

  private void runWithScratchpad(Call call, long[] addresses) {
    Block block = MemoryPool.SHARED.take(scratchpadBytes);
    try {
      long[] all = Arrays.copyOf(addresses, addresses.length + 1);
      all[addresses.length] = block.address();
      call.run(all);
    } finally {
      MemoryPool.SHARED.give(block);
    }
  }

  private final class Call {
    private final int count = arguments.length + (scratchpad == null ? 0 : 1);
    private final dnnl_memory[] memories = new dnnl_memory[count];
    private final Address[] addresses = new Address[count];
    private final dnnl_exec_arg_t list = new dnnl_exec_arg_t(count);

    Call() {
      for (int i = 0; i < arguments.length; i++) {
        add(i, arguments[i].id, arguments[i].format.descriptor());
      }
      if (scratchpad != null) {
        add(arguments.length, dnnl.DNNL_ARG_SCRATCHPAD, scratchpad);
      }
      list.position(0);
    }

    private void add(int i, int id, dnnl_memory_desc descriptor) {
      memories[i] = new dnnl_memory();
      addresses[i] = new Address();
      Dnnl.check(
          dnnl.dnnl_memory_create(memories[i], descriptor, Dnnl.engine(), null),
          name + ": memory object");
      list.position(i).arg(id).memory(memories[i]);
    }

    void run(long[] targets) {
      for (int i = 0; i < count; i++) {
        addresses[i].set(targets[i]);
        Dnnl.check(dnnl.dnnl_memory_set_data_handle(memories[i], addresses[i]), name);
      }
      Dnnl.check(dnnl.dnnl_primitive_execute(handle, Dnnl.stream(), count, list), name);
    }
  }

  /** An address as JavaCPP takes it. */
  private static final class Address extends Pointer {
    void set(long value) {
      address = value;
    }
  }
}
