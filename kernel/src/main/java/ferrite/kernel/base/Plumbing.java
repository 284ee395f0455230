package ferrite.kernel.base;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks code that call sites leave out: a report names the line that called the allocator, not a line inside the
 * allocator. On a class the mark covers its nested classes, on a package the classes of that package.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.PACKAGE})
public @interface Plumbing { }
