// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Optional parts of PyTorch's behaviour that are left out: nothing to be called has their name. */
class NotOfferedTest {
  private static Set<String> names(Class<?> type, Predicate<Method> wanted) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(m -> Modifier.isPublic(m.getModifiers()) && wanted.test(m))
        .map(Method::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  @DisplayName("INP-10: no operation of Tensor takes a tensor to write its result to (out=)")
  void out() {
    Set<String> found = new TreeSet<>();
    for (Class<?> type = Tensor.class; type != Object.class; type = type.getSuperclass()) {
      found.addAll(names(type, m -> m.getName().matches("out|.*(Out|_out)")));
    }
    assertEquals(Set.of(), found);
  }

  @Test
  @DisplayName("CKP-7: there is no reentrant checkpoint, only run and runAll")
  void reentrant() {
    assertEquals(
        List.of("earlyStop", "run", "runAll"), List.copyOf(names(Checkpoint.class, m -> true)));
  }
}
