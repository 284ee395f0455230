package ferrite.translator;

import ferrite.hardware.hart.RegionRun;
import ferrite.hardware.hart.TranslatedRegion;
import ferrite.hardware.hart.Translator;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.objectweb.asm.MethodTooLargeException;

/**
 * Translates regions of guest code to hidden classes of the JVM. A class is unloaded after its region was dropped.
 *
 * <p>The caller's thread collects a region's instructions. An executor, which may be another thread, makes its class.
 * The caller's thread compares the instructions again when it connects the region.
 *
 * <p>The JVM compiles no method of more than 8000 bytes, so a region ends before that.
 */
public final class BytecodeTranslator implements Translator {

    private static final int MAX_METHOD_BYTES = 7900;
    /** The estimated sizes at which regions end, in bytes: of most, and of those for which that was too small. */
    private static final int LIMIT = 3300;
    private static final int LARGE_LIMIT = 12_000;

    private final boolean raw;
    private final Executor executor;

    /** Creates a translator that makes each region at once. */
    public BytecodeTranslator() {
        this(Runnable::run);
    }

    /** @param executor makes the regions, one after the other or at the same time */
    public BytecodeTranslator(Executor executor) {
        this(executor, RawPages.UNSAFE != null);
    }

    /** @param raw whether regions reach pages by {@link RawPages}, which must be possible here */
    BytecodeTranslator(Executor executor, boolean raw) {
        this.executor = executor;
        this.raw = raw;
    }

    @Override
    public void prepare(Runnable work) {
        executor.execute(new FutureTask<>(work, null));
    }

    @Override
    public Draft translate(Source source, int pc) {
        int limit = source.isNarrow(pc) ? LARGE_LIMIT : LIMIT;
        Region region = Region.at(source, pc, limit);
        if (region == null) {
            return null;
        }
        RegionRun owner = source.owner();
        FutureTask<TranslatedRegion> made = new FutureTask<>(() -> make(region, owner));
        executor.execute(made);
        return new Draft() {
            @Override
            public boolean isReady() {
                return made.isDone();
            }

            @Override
            public TranslatedRegion finish() {
                TranslatedRegion first = get(made);
                return first == null ? makeSmaller(source, pc, limit) : connect(first, owner, region);
            }
        };
    }

    private static TranslatedRegion get(FutureTask<TranslatedRegion> made) {
        try {
            return made.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("no region is made of the code", e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException("the region is not made yet", e);
        }
    }

    /** Makes a region of less code, as often as it is too large. */
    private TranslatedRegion makeSmaller(Source source, int pc, int tooLarge) {
        for (int limit = tooLarge / 2; ; limit /= 2) {
            Region region = Region.at(source, pc, limit);
            TranslatedRegion made = region == null ? null : make(region, source.owner());
            if (region == null || made != null) {
                return region == null ? null : connect(made, source.owner(), region);
            }
        }
    }

    private static TranslatedRegion connect(TranslatedRegion made, RegionRun owner, Region region) {
        if (!region.isUnchanged()) {
            return null;
        }
        made.connect(owner, region.parts());
        return made;
    }

    /** Returns the region, or null if its method is too large. */
    private TranslatedRegion make(Region region, RegionRun owner) {
        RegionWriter writer = new RegionWriter(region, raw);
        byte[] bytes = write(writer);
        return bytes != null && writer.methodBytes() <= MAX_METHOD_BYTES ? define(bytes, Constants.of(owner)) : null;
    }

    /** Returns the class, or null if its method has more than the 64 KiB that a class can hold. */
    private static byte[] write(RegionWriter writer) {
        try {
            return writer.write();
        } catch (MethodTooLargeException tooLarge) {
            return null;
        }
    }

    private static TranslatedRegion define(byte[] bytes, List<Object> constants) {
        try {
            MethodHandles.Lookup inside = MethodHandles.lookup()
                    .defineHiddenClassWithClassData(bytes, constants, false);
            MethodHandle constructor = inside.findConstructor(inside.lookupClass(), MethodType.methodType(void.class));
            return (TranslatedRegion) constructor.invoke();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("the translated region is no class", e);
        }
    }
}
