package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import java.util.function.Consumer;

/**
 * A parameter of a driver, set with {@code -o DRIVER.NAME=VALUE} or on the kernel's command line.
 *
 * @param name         the parameter's name
 * @param defaultValue the value if the user sets none
 * @param help         one line for people
 * @param check        throws {@link IllegalArgumentException} with a sentence if a value is wrong
 */
@DriverApi
public record Parameter(String name, String defaultValue, String help, Consumer<String> check) { }
