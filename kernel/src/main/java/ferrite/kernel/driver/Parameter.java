package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import java.util.function.Consumer;

/**
 * A parameter of a driver, set with {@code -o DRIVER.NAME=VALUE} or on the kernel's command line.
 *
 * @param name         what it is called
 * @param defaultValue its value when nobody sets it
 * @param help         one line for people
 * @param check        throws {@link IllegalArgumentException} with a sentence for a value that makes no sense
 */
@DriverApi
public record Parameter(String name, String defaultValue, String help, Consumer<String> check) { }
