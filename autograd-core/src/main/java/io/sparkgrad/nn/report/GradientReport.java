// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.report;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.Trace;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.report.GradientGraph.Link;
import io.sparkgrad.nn.report.GradientGraph.Vertex;
import io.sparkgrad.nn.text.TextTable;
import io.sparkgrad.shape.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * For each parameter of a module: will it receive a gradient from this loss, and if not, why not.
 * And for each operation that backward will run: which gradients it computes and which it skips.
 *
 * <pre>{@code
 * try (var scope = GradientReport.watch()) {
 *   Tensor loss = criterion.forward(net.forward(x), y);
 *   System.out.println(GradientReport.of(loss, net));
 * }
 * }</pre>
 *
 * <p>The graph knows only what was recorded. Where a gradient was lost to {@code detach()} or
 * {@code noGrad} is told if the forward pass ran under {@link #watch}; without it such a parameter
 * is reported as not reached. Make the report before {@code backward()}; it reads the graph and
 * changes nothing. Immutable.
 */
public final class GradientReport {
  private final GradientGraph graph;
  private final Labels labels;
  private final boolean differentiable;
  private final List<ParameterGradient> parameters = new ArrayList<>();
  private final List<NodeGradients> nodes = new ArrayList<>();

  /**
   * What becomes of one parameter.
   *
   * @param reason why it receives no gradient; empty if it does
   */
  public record ParameterGradient(
      String name, Shape shape, boolean receivesGradient, String reason) {
    public long numel() {
      return shape.numel();
    }
  }

  /** What one operation does in backward, its inputs called by their parameter or operation. */
  public record NodeGradients(
      String node, Shape shape, List<String> computes, List<String> skips) {}

  private GradientReport(Tensor loss, Module module) {
    graph = new GradientGraph(loss);
    labels = new Labels(module.namedParameters());
    differentiable = loss.requiresGrad();
    Obstacles obstacles = new Obstacles(graph);
    module
        .namedParameters()
        .forEach(
            (name, p) ->
                parameters.add(
                    new ParameterGradient(name, p.shape(), graph.reaches(p), obstacles.reason(p))));
    collectNodes();
  }

  /** Reports on {@code loss.backward()} for the parameters of {@code module}. */
  public static GradientReport of(Tensor loss, Module module) {
    return new GradientReport(loss, module);
  }

  /**
   * Notes on this thread how tensors are computed, so that a report can say where a gradient was
   * lost. Costs an object per operation while it is open, nothing otherwise.
   */
  public static Trace.Scope watch() {
    return Trace.watch();
  }

  private void collectNodes() {
    Map<Vertex, List<Link>> inputs = new LinkedHashMap<>();
    for (Link link : graph.links()) {
      if (link.to().reached()) {
        inputs.computeIfAbsent(link.to(), v -> new ArrayList<>()).add(link);
      }
    }
    inputs.forEach(
        (vertex, links) ->
            nodes.add(
                new NodeGradients(
                    labels.name(vertex),
                    Labels.shape(vertex),
                    names(links, Link::gradient),
                    names(links, link -> !link.gradient()))));
  }

  private List<String> names(List<Link> links, Predicate<Link> chosen) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < links.size(); i++) {
      Vertex from = links.get(i).from();
      if (chosen.test(links.get(i))) {
        names.add(from == null ? "input " + i : labels.name(from));
      }
    }
    return names;
  }

  /** In order of registration. */
  public List<ParameterGradient> parameters() {
    return List.copyOf(parameters);
  }

  /** The operations that backward will run, from the loss on. */
  public List<NodeGradients> nodes() {
    return List.copyOf(nodes);
  }

  /** How many numbers receive a gradient. */
  public long numelWithGradient() {
    return numel(true);
  }

  /** How many numbers receive none. */
  public long numelWithoutGradient() {
    return numel(false);
  }

  private long numel(boolean receives) {
    return parameters.stream()
        .filter(p -> p.receivesGradient == receives)
        .mapToLong(ParameterGradient::numel)
        .sum();
  }

  /** Tables of the parameters and of the operations, in lines of at most 80 characters. */
  @Override
  public String toString() {
    TextTable table = new TextTable("parameter", "shape", ">values", "gradient", "reason");
    for (ParameterGradient p : parameters) {
      table.row(p.name, p.shape, p.numel(), p.receivesGradient ? "yes" : "no", p.reason);
    }
    TextTable backward = new TextTable("backward of", "shape", "computes", "skips");
    for (NodeGradients n : nodes) {
      backward.row(n.node, n.shape, String.join(", ", n.computes), String.join(", ", n.skips));
    }
    long receiving = parameters.stream().filter(ParameterGradient::receivesGradient).count();
    String total =
        "%d of %d parameters receive a gradient: %d values of %d.\n"
            .formatted(receiving, parameters.size(), numel(true), numel(true) + numel(false));
    return table
        + total
        + (differentiable
            ? "\n" + backward
            : "The loss requires no gradient: backward() would throw.\n");
  }

  /** The graph for Graphviz, inputs on top, the loss at the bottom. */
  public String toDot() {
    return new Drawing(graph, labels).toDot();
  }

  /** The graph as a picture that needs no other tool, inputs on top, the loss at the bottom. */
  public String toSvg() {
    return new SvgLayout(new Drawing(graph, labels)).toSvg();
  }
}
