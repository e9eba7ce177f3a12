// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.report;

import io.sparkgrad.autograd.Node;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.Trace;
import io.sparkgrad.nn.report.GradientGraph.Vertex;
import io.sparkgrad.shape.Shape;
import java.util.IdentityHashMap;
import java.util.Map;

/** What a vertex is called: parameters by their names in the module, the rest by operation. */
final class Labels {
  private final IdentityHashMap<Object, String> names = new IdentityHashMap<>();

  Labels(Map<String, ? extends Tensor> parameters) {
    parameters.forEach((name, p) -> names.put(p, name));
  }

  /** Operation and shape. */
  static String of(Vertex vertex) {
    return operation(vertex.source()) + " " + shape(vertex);
  }

  static Shape shape(Vertex vertex) {
    Object source = vertex.source();
    if (source instanceof Trace trace) {
      return trace.shape();
    }
    return source instanceof Node node ? node.shape() : ((Tensor) source).shape();
  }

  boolean isParameter(Vertex vertex) {
    return names.containsKey(vertex.source());
  }

  /** Without the shape. */
  String name(Vertex vertex) {
    return names.getOrDefault(vertex.source(), operation(vertex.source()));
  }

  private static String operation(Object source) {
    if (source instanceof Trace trace) {
      return trace.kind() == Trace.Kind.LEAF ? "tensor" : trace.op();
    }
    if (source instanceof Node node) {
      return node.name().replaceFirst("Backward$", "");
    }
    return "tensor";
  }
}
