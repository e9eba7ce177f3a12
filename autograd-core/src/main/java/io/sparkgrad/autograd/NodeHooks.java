// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The hooks of one node: functions of the gradients that come in, and of those it computes. They
 * run in the order of registration; one may remove itself while it runs.
 */
public final class NodeHooks {
  private final String node;
  private final List<Entry<Pre>> before = new CopyOnWriteArrayList<>();
  private final List<Entry<Post>> after = new CopyOnWriteArrayList<>();

  /** Distinguishes two registrations of one hook. */
  private static final class Entry<T> {
    final T hook;

    Entry(T hook) {
      this.hook = hook;
    }
  }

  /** Runs before a node. */
  @FunctionalInterface
  public interface Pre {
    /** Null to change nothing, or as many gradients as came in. */
    @Nullable Tensor @Nullable [] apply(@Nullable Tensor[] gradOutputs);
  }

  /** Runs after a node. */
  @FunctionalInterface
  public interface Post {
    /** Null to change nothing, or as many gradients as were computed. */
    @Nullable Tensor @Nullable [] apply(
        @Nullable Tensor[] gradInputs, @Nullable Tensor[] gradOutputs);
  }

  NodeHooks(String node) {
    this.node = node;
  }

  Handle addPre(Pre hook) {
    Entry<Pre> entry = new Entry<>(hook);
    before.add(entry);
    return () -> before.remove(entry);
  }

  Handle addPost(Post hook) {
    Entry<Post> entry = new Entry<>(hook);
    after.add(entry);
    return () -> after.remove(entry);
  }

  @Nullable Tensor[] before(@Nullable Tensor[] gradOutputs) {
    @Nullable Tensor[] current = gradOutputs;
    for (Entry<Pre> entry : before) {
      current = replaced(current, entry.hook.apply(current.clone()));
    }
    return current;
  }

  @Nullable Tensor[] after(@Nullable Tensor[] gradInputs, @Nullable Tensor[] gradOutputs) {
    @Nullable Tensor[] current = gradInputs;
    for (Entry<Post> entry : after) {
      current = replaced(current, entry.hook.apply(current.clone(), gradOutputs.clone()));
    }
    return current;
  }

  private @Nullable Tensor[] replaced(
      @Nullable Tensor[] current, @Nullable Tensor @Nullable [] result) {
    if (result == null) {
      return current;
    }
    if (result.length != current.length) {
      throw new AutogradException(
          "hook of %s: returned an incorrect number of gradients: expected %d, got %d"
              .formatted(node, current.length, result.length));
    }
    return result;
  }
}
