package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Errno;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * A parameter of a driver, set with {@code -o DRIVER.NAME=VALUE}, on the kernel's command line, or by {@code insmod}.
 * {@code /sys/module/DRIVER/parameters/NAME} has its value.
 *
 * @param name         the parameter's name
 * @param defaultValue the value if the user sets none
 * @param help         one line for people
 * @param check        throws {@link IllegalArgumentException} with a sentence if a value is wrong
 * @param set          takes a value that a program has written to the file at run time, and that passed the check;
 *                     returns 0 or a negative {@link Errno}; null if the parameter cannot be set at run time
 */
@DriverApi
public record Parameter(String name, String defaultValue, String help, Consumer<String> check,
        ToIntFunction<String> set) {

    /** Makes a parameter that cannot be set at run time. */
    public Parameter(String name, String defaultValue, String help, Consumer<String> check) {
        this(name, defaultValue, help, check, null);
    }
}
