// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import java.util.Locale;

/**
 * Writes elements of HTML and SVG that are well-formed XML too. Texts and values of attributes are
 * escaped.
 */
final class Markup {
  private final StringBuilder out = new StringBuilder();

  /** Opens an element; attributes are names and values in turn. */
  Markup open(String name, Object... attributes) {
    tag(name, attributes);
    out.append('>');
    return this;
  }

  Markup close(String name) {
    out.append("</").append(name).append(">\n");
    return this;
  }

  /** An element that holds a text. */
  Markup text(String name, String content, Object... attributes) {
    open(name, attributes);
    out.append(escaped(content));
    return close(name);
  }

  /** An element that holds nothing. */
  Markup empty(String name, Object... attributes) {
    tag(name, attributes);
    out.append("/>\n");
    return this;
  }

  /** What was written by another. */
  Markup add(Markup inner) {
    out.append(inner.out);
    return this;
  }

  private void tag(String name, Object... attributes) {
    out.append('<').append(name);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      out.append(escaped(value(attributes[i + 1]))).append('"');
    }
  }

  /** Coordinates to a hundredth of a pixel. */
  private static String value(Object attribute) {
    return attribute instanceof Double d
        ? String.format(Locale.ROOT, "%.2f", d)
        : attribute.toString();
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;")
        .replaceAll("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]", "\ufffd");
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
