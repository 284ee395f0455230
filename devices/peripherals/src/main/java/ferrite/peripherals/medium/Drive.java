package ferrite.peripherals.medium;

import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateMedia;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A medium with a write cache. Written sectors stay in the cache, and are read from it, until a flush writes them to
 * the medium.
 *
 * <p>The medium does not go back when a snapshot is restored, but the guest must not see later data then. So once a
 * snapshot that includes media ({@link StateMedia}) has been taken, a flush keeps the sectors that it overwrites, and
 * restoring the snapshot puts them into the cache. A reset leaves the drive and its cache as they are.
 */
public final class Drive implements Saveable {

    /** 64 MiB: the host memory that a guest without flushes can fill. */
    public static final int CACHE_SECTORS = 1 << 17;

    private static final int SECTOR_BYTES = DiskImage.SECTOR_BYTES;
    /** The maximum number of sectors in one write to the medium. */
    private static final int MAX_RUN = 2048;

    private final DiskImage medium;
    private TreeMap<Long, byte[]> cache = new TreeMap<>();
    /** For each snapshot, the sectors overwritten since, with their bytes from before; oldest snapshot first. */
    private final List<Map<Long, byte[]>> overwritten = new ArrayList<>();

    public Drive(DiskImage medium) {
        this.medium = medium;
    }

    public long sectors() {
        return medium.sectors();
    }

    public boolean isReadOnly() {
        return medium.isReadOnly();
    }

    public boolean hasRoomFor(int sectors) {
        return cache.size() + sectors <= CACHE_SECTORS;
    }

    public void read(long lba, byte[] into) throws IOException {
        medium.read(lba * SECTOR_BYTES, into, into.length);
        long end = lba + into.length / SECTOR_BYTES;
        cache.subMap(lba, end).forEach((sector, bytes) ->
                System.arraycopy(bytes, 0, into, (int) (sector - lba) * SECTOR_BYTES, SECTOR_BYTES));
    }

    public void write(long lba, byte[] from) {
        for (int i = 0; i < from.length / SECTOR_BYTES; i++) {
            byte[] sector = new byte[SECTOR_BYTES];
            System.arraycopy(from, i * SECTOR_BYTES, sector, 0, SECTOR_BYTES);
            cache.put(lba + i, sector);
        }
    }

    /**
     * Writes the cache to the medium, neighbouring sectors together. If this fails, the sectors not yet written stay
     * cached.
     */
    public void flush() throws IOException {
        while (!cache.isEmpty()) {
            long first = cache.firstKey();
            byte[] run = firstRun();
            keepForSnapshot(first, run.length);
            medium.write(first * SECTOR_BYTES, run);
            cache.subMap(first, first + run.length / SECTOR_BYTES).clear();
        }
        medium.force();
    }

    /** Returns the first cached sector and its direct neighbours. */
    private byte[] firstRun() {
        ByteArrayOutputStream run = new ByteArrayOutputStream();
        long next = cache.firstKey();
        for (Map.Entry<Long, byte[]> entry : cache.entrySet()) {
            if (entry.getKey() != next || run.size() == MAX_RUN * SECTOR_BYTES) {
                break;
            }
            run.writeBytes(entry.getValue());
            next++;
        }
        return run.toByteArray();
    }

    private void keepForSnapshot(long lba, int length) throws IOException {
        if (overwritten.isEmpty()) {
            return;
        }
        byte[] before = new byte[length];
        medium.read(lba * SECTOR_BYTES, before, length);
        Map<Long, byte[]> kept = overwritten.get(overwritten.size() - 1);
        for (int i = 0; i < length / SECTOR_BYTES; i++) {
            kept.putIfAbsent(lba + i, Arrays.copyOfRange(before, i * SECTOR_BYTES, (i + 1) * SECTOR_BYTES));
        }
    }

    @Override
    public void save(StateWriter out) {
        if (out.media() == StateMedia.STAY) {
            return;
        }
        if (out.media() == StateMedia.GO_BACK) {
            overwritten.add(new TreeMap<>());
            out.put32(overwritten.size() - 1);
        }
        out.put32(cache.size());
        cache.forEach((sector, bytes) -> {
            out.put64(sector);
            out.putBytes(bytes);
        });
    }

    @Override
    public void restore(StateReader in) {
        if (in.media() == StateMedia.STAY) {
            return;
        }
        boolean goBack = in.media() == StateMedia.GO_BACK;
        cache = goBack ? overwrittenSince(in.get32(0, overwritten.size() - 1)) : new TreeMap<>();
        int saved = in.get32(0, goBack ? Integer.MAX_VALUE : CACHE_SECTORS);
        StateReader.requireThat(saved == 0 || !isReadOnly(), saved + " cached sectors belong to a read-only medium");
        for (int i = 0; i < saved; i++) {
            long sector = in.get64(0, sectors() - 1);
            byte[] bytes = in.getBytes();
            StateReader.requireThat(bytes.length == SECTOR_BYTES, "a sector of " + bytes.length + " bytes");
            cache.put(sector, bytes);
        }
    }

    /** Returns the sectors that have changed since a snapshot, with their bytes at that time. */
    private TreeMap<Long, byte[]> overwrittenSince(int snapshot) {
        TreeMap<Long, byte[]> asItWas = new TreeMap<>();
        for (int i = overwritten.size() - 1; i >= snapshot; i--) {
            asItWas.putAll(overwritten.get(i));
        }
        // The medium still holds the later data. The overwritten sectors stay kept, in case this snapshot is restored
        // again.
        overwritten.set(snapshot, asItWas);
        overwritten.subList(snapshot + 1, overwritten.size()).clear();
        return new TreeMap<>(asItWas);
    }
}
