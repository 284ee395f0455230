package ferrite.kernel.driver;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Gives the C name of a call: the symbol that a native driver imports. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface CName {

    /** The name in Linux's source, or one of the same form if Linux has no such call. */
    String value();
}
