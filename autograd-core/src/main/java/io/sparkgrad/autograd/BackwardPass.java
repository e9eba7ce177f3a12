// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.shape.Broadcasting;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One walk over the graph, from the roots to the leaves. Iterative throughout: graphs of any depth
 * work on the default stack. A node runs once, when the gradients of all its uses in this walk have
 * arrived and been summed.
 */
final class BackwardPass {
  private static final Comparator<Node> YOUNGEST_FIRST =
      Comparator.comparingLong(Node::sequenceNr).reversed();

  private final boolean createGraph;
  private final boolean retainGraph;
  private final IdentityHashMap<Node, Integer> waitingFor = new IdentityHashMap<>();
  private final IdentityHashMap<Node, @Nullable Tensor[]> buffers = new IdentityHashMap<>();
  private final IdentityHashMap<Node, List<Capture>> captures = new IdentityHashMap<>();
  private @Nullable Tensor[] captured = {};

  /** Input {@code index} asks for the gradient of result {@code outputNr}. */
  private record Capture(int outputNr, int index) {}

  /** The nodes to run; null means all. */
  private @Nullable Set<Node> needed;

  BackwardPass(boolean createGraph, boolean retainGraph) {
    this.createGraph = createGraph;
    this.retainGraph = retainGraph;
  }

  /**
   * Runs and accumulates into the leaves, or into {@code inputs} alone; those that are no leaves
   * retain their gradient from now on.
   */
  void accumulate(List<Edge> roots, List<Tensor> seeds, @Nullable List<Tensor> inputs) {
    if (inputs != null) {
      List<Tensor> inner = inputs.stream().filter(t -> !t.isLeaf()).toList();
      List<Node> leaves = inputs.stream().filter(Tensor::isLeaf).map(BackwardPass::node).toList();
      inner.forEach(Tensor::retainGrad);
      expect(inner);
      needed = reaching(roots, captures.keySet(), leaves);
    }
    run(roots, seeds);
  }

  /** Runs and returns the gradients of {@code inputs}; writes no {@code grad}. */
  List<@Nullable Tensor> capture(List<Edge> roots, List<Tensor> seeds, List<Tensor> inputs) {
    expect(inputs);
    needed = reaching(roots, captures.keySet(), List.of());
    run(roots, seeds);
    return new ArrayList<>(Arrays.asList(captured));
  }

  private void expect(List<Tensor> inputs) {
    captured = new Tensor[inputs.size()];
    for (int i = 0; i < inputs.size(); i++) {
      Tensor input = inputs.get(i);
      captures
          .computeIfAbsent(node(input), n -> new ArrayList<>())
          .add(new Capture(input.outputNr(), i));
    }
  }

  private static Node node(Tensor t) {
    Edge edge = t.gradEdge();
    if (edge == null) {
      throw new IllegalStateException("checked by the caller: requires grad");
    }
    return edge.node();
  }

  /**
   * The nodes that have to run for the gradients that are asked for: those with a path to a
   * captured node, and the accumulators asked for.
   */
  private static Set<Node> reaching(
      List<Edge> roots, Set<Node> captured, Collection<Node> accumulators) {
    IdentityHashMap<Node, Boolean> needed = new IdentityHashMap<>();
    accumulators.forEach(n -> needed.put(n, true));
    IdentityHashMap<Node, Boolean> entered = new IdentityHashMap<>();
    Deque<Node> stack = new ArrayDeque<>();
    roots.forEach(r -> stack.push(r.node()));
    while (!stack.isEmpty()) {
      Node node = stack.peek();
      boolean first = entered.putIfAbsent(node, true) == null;
      boolean complete = true;
      for (Edge edge : node.edges()) {
        if (edge == null) {
          continue;
        }
        if (first && !entered.containsKey(edge.node())) {
          stack.push(edge.node());
          complete = false;
        } else if (needed.containsKey(edge.node()) || captured.contains(edge.node())) {
          needed.put(node, true);
        }
      }
      if (complete) {
        stack.pop();
      }
    }
    return needed.keySet();
  }

  private void run(List<Edge> roots, List<Tensor> seeds) {
    Nesting.run(() -> walk(roots, seeds));
  }

  private void walk(List<Edge> roots, List<Tensor> seeds) {
    countDependencies(roots);
    PriorityQueue<Node> ready = new PriorityQueue<>(YOUNGEST_FIRST);
    try (var mode = GradMode.setGradEnabled(createGraph)) {
      Set<Node> distinct = new LinkedHashSet<>();
      for (int i = 0; i < roots.size(); i++) {
        Tensor seed = seeds.get(i);
        seed.storage().disown();
        deliver(roots.get(i), createGraph ? seed : seed.detach());
        distinct.add(roots.get(i).node());
      }
      // In the order of the caller, so that hooks of leaves run in the same order every time.
      distinct.stream().filter(n -> !waitingFor.containsKey(n)).forEach(ready::add);
      while (!ready.isEmpty()) {
        visit(ready.remove(), ready);
      }
    }
  }

  private void countDependencies(List<Edge> roots) {
    IdentityHashMap<Node, Boolean> seen = new IdentityHashMap<>();
    Deque<Node> stack = new ArrayDeque<>();
    for (Edge root : roots) {
      if (seen.putIfAbsent(root.node(), true) == null) {
        stack.push(root.node());
      }
    }
    while (!stack.isEmpty()) {
      for (Edge edge : stack.pop().edges()) {
        if (edge != null) {
          waitingFor.merge(edge.node(), 1, Integer::sum);
          if (seen.putIfAbsent(edge.node(), true) == null) {
            stack.push(edge.node());
          }
        }
      }
    }
  }

  private void visit(Node node, PriorityQueue<Node> ready) {
    @Nullable Tensor[] incoming = buffers.remove(node);
    if (incoming != null) {
      boolean seen = node.isObserved() || captures.containsKey(node);
      for (int i = 0; i < incoming.length; i++) {
        Tensor grad = incoming[i];
        if (grad != null && seen) {
          grad.storage().disown();
          incoming[i] = node.runHooks(i, grad);
        }
      }
      for (Capture c : captures.getOrDefault(node, List.of())) {
        captured[c.index] = incoming[c.outputNr];
      }
    }
    @Nullable Edge[] edges = node.edges();
    // Where nothing arrived, nothing goes on: the node does not run.
    @Nullable Tensor[] grads =
        incoming != null && isNeeded(node) ? apply(node, incoming) : new Tensor[edges.length];
    for (int i = 0; i < edges.length; i++) {
      Edge edge = edges[i];
      if (edge == null) {
        continue;
      }
      Tensor g = grads[i];
      if (g != null && wanted(edge)) {
        deliver(edge, fitted(g, node, edge));
      }
      Integer left = waitingFor.merge(edge.node(), -1, Integer::sum);
      if (left == 0) {
        ready.add(edge.node());
      }
    }
  }

  private @Nullable Tensor[] apply(Node node, @Nullable Tensor[] incoming) {
    @Nullable Edge[] edges = node.edges();
    Modes modes = Modes.current();
    Node outer = modes.running;
    Object outerFormula = modes.formula;
    node.acquire(modes); // two passes may share it, but it runs for one at a time
    modes.running = node;
    modes.formula = createGraph || !(node instanceof OpNode) || node.isObserved() ? null : node;
    try {
      @Nullable Tensor[] grads =
          Anomaly.guarded(node, () -> node.run(incoming, i -> wanted(edges[i])));
      for (Tensor g : grads) {
        if (g != null) {
          g.storage().claim(modes.formula);
        }
      }
      if (!retainGraph) {
        node.release();
      }
      return grads;
    } finally {
      modes.running = outer;
      modes.formula = outerFormula;
      node.unlock();
    }
  }

  private boolean isNeeded(Node node) {
    return needed == null || needed.contains(node);
  }

  private boolean wanted(@Nullable Edge edge) {
    return edge != null && (isNeeded(edge.node()) || captures.containsKey(edge.node()));
  }

  private void deliver(Edge edge, Tensor grad) {
    @Nullable Tensor[] buffer =
        buffers.computeIfAbsent(edge.node(), node -> new Tensor[node.outputs()]);
    Tensor before = buffer[edge.outputNr()];
    buffer[edge.outputNr()] = before == null ? grad : made(before.add(grad));
  }

  /** A gradient that the engine computed itself, and nobody else has seen. */
  private static Tensor made(Tensor grad) {
    grad.storage().own();
    return grad;
  }

  /** The gradient in the shape and type of the input it is for; undoes broadcasting. */
  private static Tensor fitted(Tensor grad, Node from, Edge edge) {
    Node.Output to = edge.node().output(edge.outputNr());
    if (grad.backend() != to.backend()) {
      throw new AutogradException(
          "%s returned a gradient on a wrong device: expected device %s, got %s"
              .formatted(from.name(), to.backend().name(), grad.backend().name()));
    }
    Tensor g = grad;
    if (!g.shape().equals(to.shape())) {
      if (!Broadcasting.stretches(to.shape(), g.shape())) {
        throw new AutogradException(
            "%s returned a gradient of a wrong shape: expected shape compatible with %s, got %s"
                .formatted(from.name(), to.shape(), g.shape()));
      }
      g = g.sumTo(to.shape());
    }
    g = g.to(to.dtype());
    return g.sharesStorage(grad) ? g : made(g);
  }
}
