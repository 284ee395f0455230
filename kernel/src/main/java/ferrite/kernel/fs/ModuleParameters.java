package ferrite.kernel.fs;

import java.util.List;

/** The parameters of drivers, for the files of {@code /sys/module/NAME/parameters}. */
public interface ModuleParameters {

    /** Lists the drivers that have parameters. */
    List<String> modules();

    /** Lists the parameters of a driver, with their permissions; null if there is no such driver. */
    List<Sysfs.Node> parameters(String module);

    /** Returns a parameter's value. */
    String get(String module, String parameter);

    /** Sets a parameter. May sleep. Returns 0 or a negative {@link ferrite.kernel.base.Errno}. */
    int set(String module, String parameter, String value);

    /** Returns the start of a driver's text, or an address of the kernel's for a driver that is linked in. */
    long textOf(String module);
}
