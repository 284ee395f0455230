package ferrite.kernel.driver;

import ferrite.kernel.base.CommandLine;
import ferrite.kernel.base.DriverApi;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parameters of one driver: its defaults, overridden by the kernel's command line ({@code disk.gfp=GFP_KERNEL}) and
 * by {@code insmod}, and by programs at run time.
 */
@DriverApi
public final class DriverParameters {

    private final Map<String, String> values = new LinkedHashMap<>();
    private final String driverName;
    private final RunTimeParameters runTime;

    /**
     * @param typed   the arguments of {@code insmod}: words of the form NAME=VALUE
     * @param runTime the values that were set at run time, which go first
     */
    DriverParameters(Driver driver, CommandLine commandLine, String typed, RunTimeParameters runTime) {
        this.driverName = driver.name();
        this.runTime = runTime;
        driver.parameters().forEach(parameter -> values.put(parameter.name(), parameter.defaultValue()));
        for (String name : List.copyOf(values.keySet())) {
            values.put(name, commandLine.get(driver.name() + "." + name, values.get(name)));
        }
        for (String word : typed.split(" +")) {
            set(word);
        }
    }

    private void set(String word) {
        int equals = word.indexOf('=');
        if (equals > 0) {
            values.replace(word.substring(0, equals), word.substring(equals + 1));
        }
    }

    /** Returns the value of a parameter that the driver declared. */
    public String get(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the driver declared no parameter '" + name
                    + "'; it declared " + values.keySet());
        }
        String set = runTime.valueOf(driverName, name);
        return set == null ? value : set;
    }
}
