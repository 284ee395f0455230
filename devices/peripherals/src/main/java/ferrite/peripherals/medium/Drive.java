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
 * A medium behind a write cache. Sectors that were written stay in the cache, and are read from there, until a flush carries them to the medium.
 *
 * <p>The medium outlives a restored snapshot. So that the guest does not see later data after one, what a flush overwrites is kept once a snapshot has
 * been taken that media belong to ({@link StateMedia}), and goes into the cache when it is restored. A reset leaves the drive as it is, its cache too.
 */
public final class Drive implements Saveable {

    /** 64 MiB: what a guest that never flushes can take of the host's memory. */
    public static final int CACHE_SECTORS = 1 << 17;

    private static final int SECTOR_BYTES = DiskImage.SECTOR_BYTES;
    /** What goes to the medium in one piece, at most. */
    private static final int LARGEST_RUN = 2048;

    private final DiskImage medium;
    private TreeMap<Long, byte[]> cache = new TreeMap<>();
    /** For each snapshot, the sectors that were overwritten since, as they were; oldest snapshot first. */
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

    /** Carries the cache to the medium, neighbours together. What has not arrived when this fails is still in the cache. */
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

    /** The sectors from the first one on that lie next to each other. */
    private byte[] firstRun() {
        ByteArrayOutputStream run = new ByteArrayOutputStream();
        long next = cache.firstKey();
        for (Map.Entry<Long, byte[]> entry : cache.entrySet()) {
            if (entry.getKey() != next || run.size() == LARGEST_RUN * SECTOR_BYTES) {
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
        StateReader.requireThat(saved == 0 || !isReadOnly(), saved + " sectors are to be written to a medium that is read-only");
        for (int i = 0; i < saved; i++) {
            long sector = in.get64(0, sectors() - 1);
            byte[] bytes = in.getBytes();
            StateReader.requireThat(bytes.length == SECTOR_BYTES, "a sector of " + bytes.length + " bytes");
            cache.put(sector, bytes);
        }
    }

    /** What a snapshot found on the medium, where that has changed. */
    private TreeMap<Long, byte[]> overwrittenSince(int snapshot) {
        TreeMap<Long, byte[]> asItWas = new TreeMap<>();
        for (int i = overwritten.size() - 1; i >= snapshot; i--) {
            asItWas.putAll(overwritten.get(i));
        }
        // The medium still has the later data: what it overwrote stays kept, in case this snapshot is restored again.
        overwritten.set(snapshot, asItWas);
        overwritten.subList(snapshot + 1, overwritten.size()).clear();
        return new TreeMap<>(asItWas);
    }
}
