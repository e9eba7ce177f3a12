// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.report;

import io.sparkgrad.autograd.Edge;
import io.sparkgrad.autograd.Node;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.Trace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a loss was computed from. Where the forward pass was watched, everything; elsewhere only
 * what the recorded graph still knows. Whether a gradient arrives is read from the recorded graph
 * alone, so it is what {@code backward()} will do. Vertices are in the order of a search from the
 * loss, which is the first. Iterative: graphs of any depth.
 */
final class GradientGraph {
  /**
   * A tensor and how it came to be.
   *
   * @param source the {@link Trace} or {@link Node} that made it, or the leaf itself
   * @param reached whether the gradient of the loss arrives here
   */
  record Vertex(int id, Object source, boolean reached) {}

  /** {@code to} was computed from {@code from}; a null {@code from} is known by its place only. */
  record Link(@Nullable Vertex from, Vertex to, boolean gradient) {}

  private final IdentityHashMap<Object, Vertex> vertices = new IdentityHashMap<>();
  private final List<Vertex> order = new ArrayList<>();
  private final List<Link> links = new ArrayList<>();
  private final Set<Object> reached = Collections.newSetFromMap(new IdentityHashMap<>());
  private final boolean watched;

  GradientGraph(Tensor loss) {
    reach(loss);
    Trace trace = Trace.of(loss);
    Node node = loss.gradFn();
    watched = trace != null && (node == null || trace.node() == node);
    Object start = watched && trace != null ? trace : node != null ? node : loss;
    Deque<Vertex> open = new ArrayDeque<>();
    vertex(start, open);
    while (!open.isEmpty()) {
      Vertex vertex = open.pop();
      List<Vertex> found = new ArrayList<>();
      link(vertex, found);
      Collections.reverse(found); // the first input is searched first
      found.forEach(open::push);
    }
  }

  /** Whether what lies outside the recorded graph is known. */
  boolean watched() {
    return watched;
  }

  List<Vertex> vertices() {
    return order;
  }

  /** In the order of the vertices they lead to, and of the arguments there. */
  List<Link> links() {
    return links;
  }

  @Nullable Vertex vertexOf(Tensor leaf) {
    return vertices.get(leaf);
  }

  /** Whether backward will bring this leaf a gradient. */
  boolean reaches(Tensor leaf) {
    return leaf.requiresGrad() && reached.contains(leaf);
  }

  private void reach(Tensor loss) {
    Node root = loss.gradFn();
    if (root == null) {
      if (loss.requiresGrad()) {
        reached.add(loss);
      }
      return;
    }
    Deque<Node> stack = new ArrayDeque<>(List.of(root));
    reached.add(root);
    while (!stack.isEmpty()) {
      for (Edge edge : stack.pop().nextFunctions()) {
        if (edge != null && reached.add(key(edge.node()))) {
          stack.push(edge.node());
        }
      }
    }
  }

  private void link(Vertex to, List<Vertex> found) {
    if (to.source instanceof Trace trace) {
      linkTrace(to, trace, found);
    } else if (to.source instanceof Node node) {
      for (Edge edge : node.nextFunctions()) {
        Vertex from = edge == null ? null : vertex(key(edge.node()), found);
        links.add(new Link(from, to, edge != null && gradient(edge.node())));
      }
    }
  }

  private void linkTrace(Vertex to, Trace trace, List<Vertex> found) {
    Tensor leaf = trace.leaf();
    Node made = leaf == null ? null : leaf.gradFn();
    if (made != null) { // computed before watching began
      links.add(new Link(vertex(key(made), found), to, to.reached));
    }
    Node node = trace.node();
    for (int i = 0; i < trace.inputs().size(); i++) {
      Edge edge = node == null || !to.reached ? null : node.nextFunctions().get(i);
      Vertex from = vertex(key(trace.inputs().get(i)), found);
      links.add(new Link(from, to, edge != null && gradient(edge.node())));
    }
  }

  /** A leaf that was frozen after the forward pass takes no gradient. */
  private static boolean gradient(Node node) {
    Tensor leaf = node.variable();
    return leaf == null || leaf.requiresGrad();
  }

  /** A leaf is one vertex, however it is found. */
  private static Object key(Trace trace) {
    Tensor leaf = trace.leaf();
    return leaf != null && leaf.isLeaf() ? leaf : trace;
  }

  private static Object key(Node node) {
    Tensor leaf = node.variable();
    return leaf == null ? node : leaf;
  }

  private Vertex vertex(Object source, Collection<Vertex> found) {
    Vertex known = vertices.get(source);
    if (known == null) {
      known = new Vertex(order.size(), source, isReached(source));
      vertices.put(source, known);
      order.add(known);
      found.add(known);
    }
    return known;
  }

  private boolean isReached(Object source) {
    if (source instanceof Trace trace) {
      Tensor leaf = trace.leaf();
      Node node = leaf == null ? trace.node() : leaf.gradFn();
      return node != null && reached.contains(node);
    }
    return source instanceof Tensor leaf ? reaches(leaf) : reached.contains(source);
  }
}
