// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import java.util.concurrent.ConcurrentLinkedQueue;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;

/**
 * A compiled primitive and the arguments it takes. Several threads may run it at once: each call
 * borrows a set of memory objects, and only points them at other addresses, which costs less than a
 * microsecond where making them would cost several.
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
  private final ConcurrentLinkedQueue<Call> idle = new ConcurrentLinkedQueue<>();

  /** Compiles what {@code description} says; lives for ever, as the cache that holds it. */
  Primitive(String name, dnnl_primitive_desc description, Argument... arguments) {
    this.name = name;
    this.arguments = arguments;
    Dnnl.check(dnnl.dnnl_primitive_create(handle, description), name);
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
    call.run(addresses);
    idle.add(call);
  }

  private final class Call {
    private final dnnl_memory[] memories = new dnnl_memory[arguments.length];
    private final Address[] addresses = new Address[arguments.length];
    private final dnnl_exec_arg_t list = new dnnl_exec_arg_t(arguments.length);

    Call() {
      for (int i = 0; i < arguments.length; i++) {
        memories[i] = new dnnl_memory();
        addresses[i] = new Address();
        Dnnl.check(
            dnnl.dnnl_memory_create(
                memories[i], arguments[i].format.descriptor(), Dnnl.engine(), null),
            name + ": memory object");
        list.position(i).arg(arguments[i].id).memory(memories[i]);
      }
      list.position(0);
    }

    void run(long[] targets) {
      for (int i = 0; i < memories.length; i++) {
        addresses[i].set(targets[i]);
        Dnnl.check(dnnl.dnnl_memory_set_data_handle(memories[i], addresses[i]), name);
      }
      Dnnl.check(dnnl.dnnl_primitive_execute(handle, Dnnl.stream(), memories.length, list), name);
    }
  }

  /** An address as JavaCPP takes it. */
  private static final class Address extends Pointer {
    void set(long value) {
      address = value;
    }
  }
}
