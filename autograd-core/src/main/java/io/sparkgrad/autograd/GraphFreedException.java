// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

/** A second backward over a graph whose saved tensors were released by the first. */
public final class GraphFreedException extends AutogradException {
  private static final long serialVersionUID = 1L;

  GraphFreedException(String nodeName) {
    super(
        "Trying to backward through the graph a second time (node "
            + nodeName
            + "): its saved tensors were released by the first pass. Specify retain_graph=True (retainGraph) in the"
            + " first call if you need another.");
  }
}
