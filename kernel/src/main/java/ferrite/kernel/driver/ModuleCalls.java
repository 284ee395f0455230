package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.TextTable;

/** Functions that drivers offer to other drivers (LDD3 pages 28-29). */
@DriverApi
public interface ModuleCalls {

    /**
     * Lets other drivers call a function (LDD3 page 28). Called in {@link Driver#link}. A driver that imports it by
     * {@link TextTable.Module#importSymbol} keeps this one loaded. The type of the function is an interface that both
     * know: the kernel's, Java's, or one of this driver, which the other one names in its manifest's
     * {@code Ferrite-Depends}.
     *
     * @param name unique among all exported functions; otherwise {@code insmod} refuses the driver
     * @return the function's text address
     */
    @CName("EXPORT_SYMBOL")
    long exportSymbol(TextTable.Module text, String name, Object function);
}
