package ferrite.kernel.base;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks code whose frames are left out of call sites: a report names the line that called the allocator, not a line of it. On a class it covers the
 * classes inside it, on a package the classes of that package.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.PACKAGE})
public @interface Plumbing { }
