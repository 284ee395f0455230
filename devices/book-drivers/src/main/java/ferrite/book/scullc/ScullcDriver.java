package ferrite.book.scullc;

import ferrite.book.base.Numbers;
import ferrite.book.quanta.QuantumDriver;
import ferrite.book.quanta.ScullGlobalsLayout;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.DriverParameters;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.mm.SlabFlags;
import java.util.List;

/**
 * {@code scullc}: scull with quanta from a lookaside cache (LDD3 page 219). {@code /proc/slabinfo} counts them in the
 * line {@code scullc}.
 */
public final class ScullcDriver extends QuantumDriver {

    private static final int MAX = 32 << 10;

    @Override
    public String name() {
        return "scullc";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Numbers.parameter("scullc_devs", 4, "the number of devices", 1, 64),
                Numbers.parameter("scullc_quantum", 4000, "bytes of a quantum, which is an object", 1, MAX),
                Numbers.parameter("scullc_qset", 500, "quanta of a set", 1, MAX));
    }

    @Override
    protected int devices(DriverParameters parameters) {
        return Numbers.of(parameters, "scullc_devs");
    }

    @Override
    protected int quantum(DriverParameters parameters) {
        return Numbers.of(parameters, "scullc_quantum");
    }

    @Override
    protected int qset(DriverParameters parameters) {
        return Numbers.of(parameters, "scullc_qset");
    }

    @Override
    protected int start(long record, DriverParameters parameters) {
        long cache = kernel().kmemCacheCreate("scullc", quantum(parameters), 0, SlabFlags.SLAB_HWCACHE_ALIGN, 0);
        ScullGlobalsLayout.PRIVATE.set(memory(), record, cache);
        return cache == 0 ? -Errno.ENOMEM : 0;
    }

    @Override
    protected void stop(long record) {
        kernel().kmemCacheDestroy(cache());
    }

    private long cache() {
        return ScullGlobalsLayout.PRIVATE.get(memory(), globals());
    }

    @Override
    public long allocate(int bytes) {
        return kernel().kmemCacheZalloc(cache(), Gfp.GFP_KERNEL);
    }

    @Override
    public void free(long quantum, int bytes) {
        kernel().kmemCacheFree(cache(), quantum);
    }
}
