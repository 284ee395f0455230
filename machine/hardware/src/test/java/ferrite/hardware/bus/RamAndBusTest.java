package ferrite.hardware.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** RAM accessed through the bus, compared with a plain byte array. */
class RamAndBusTest {

    private static final long BASE = 0x8000_0000L;
    private static final int BYTES = 4 * Ram.PAGE_BYTES;
    private static final BusMaster HART = new BusMaster("hart0", 34);
    private static final BusMaster ENGINE = new BusMaster("dma0", 24);
    private static final BusMaster CARD = new BusMaster("card", 32);

    private final PhysicalBus bus = new PhysicalBus(new Ram(BASE, BYTES));

    /** Reference model of RAM: a byte array. */
    private static final class Model {
        private byte[] bytes = new byte[BYTES];

        int load(int at, int width) {
            int value = 0;
            for (int i = 0; i < width; i++) {
                value |= (bytes[at + i] & 0xff) << 8 * i;
            }
            return value;
        }

        void store(int at, int width, int value) {
            for (int i = 0; i < width; i++) {
                bytes[at + i] = (byte) (value >> 8 * i);
            }
        }
    }

    private static void doSomething(PhysicalBus bus, Model model, Random random, String replay) {
        int width = 1 << random.nextInt(3);
        int at = random.nextInt(BYTES / width) * width;
        int start = random.nextInt(BYTES);
        int length = random.nextInt(BYTES - start + 1);
        int margin = random.nextInt(5);
        switch (random.nextInt(6)) {
            case 0 -> assertThat(bus.load(HART, BASE + at, width)).as(replay).isEqualTo(model.load(at, width));
            case 1 -> assertThat(bus.peek(BASE + at, width)).as(replay).isEqualTo(model.load(at, width));
            case 2 -> {
                int value = random.nextInt();
                bus.store(HART, BASE + at, width, value);
                model.store(at, width, value);
            }
            case 3 -> {
                byte[] into = new byte[length + margin + 1];
                into[length + margin] = 99;
                bus.read(HART, BASE + start, into, margin, length);
                assertThat(Arrays.copyOfRange(into, margin, margin + length)).as(replay)
                        .isEqualTo(Arrays.copyOfRange(model.bytes, start, start + length));
                assertThat(into[length + margin]).as(replay).isEqualTo((byte) 99);
            }
            case 4 -> {
                byte[] into = new byte[length + margin];
                bus.peek(BASE + start, into, margin, length);
                assertThat(Arrays.copyOfRange(into, margin, margin + length)).as(replay)
                        .isEqualTo(Arrays.copyOfRange(model.bytes, start, start + length));
            }
            default -> {
                byte[] from = new byte[length + margin];
                random.nextBytes(from);
                bus.write(HART, BASE + start, from, margin, length);
                System.arraycopy(from, margin, model.bytes, start, length);
            }
        }
    }

    private static byte[] contents(PhysicalBus bus) {
        byte[] bytes = new byte[BYTES];
        bus.peek(BASE, bytes, 0, BYTES);
        return bytes;
    }

    @Test
    void accessesOfEveryWidthAndBulkMovesAgreeWithAByteArray() {
        Seed seed = Seed.fresh();
        Model model = new Model();
        Random random = seed.random(0);
        for (int step = 0; step < 20_000; step++) {
            doSomething(bus, model, random, seed.replay("step " + step));
        }
        assertThat(contents(bus)).as(seed.replay("the end")).isEqualTo(model.bytes);
    }

    @Test
    void wordsAreLittleEndian() {
        bus.store(HART, BASE + 8, 4, 0x8765_4321);
        assertThat(bus.load(HART, BASE + 8, 1)).isEqualTo(0x21);
        assertThat(bus.load(HART, BASE + 11, 1)).isEqualTo(0x87);
        assertThat(bus.load(HART, BASE + 10, 2)).isEqualTo(0x8765);
        bus.store(HART, BASE + 9, 1, 0xffff_ff00);
        assertThat(bus.load(HART, BASE + 8, 4)).isEqualTo(0x8765_0021);
    }

    @Test
    void threeAndThreeQuarterGibibytesCostNothingUntilTheyAreTouched() {
        long bytes = 0xf000_0000L;
        Ram ram = new Ram(0, bytes);
        PhysicalBus large = new PhysicalBus(ram);
        for (long pa = 0; pa < bytes; pa += 1 << 20) {
            assertThat(large.peek(pa, 4)).isZero();
        }
        assertThat(touchedPages(ram)).as("looking touches nothing").isZero();
        large.store(HART, bytes - 4, 4, 7);
        large.load(HART, 0, 1);
        large.write(HART, 0x7000_0fff, new byte[2], 0, 2);
        assertThat(touchedPages(ram)).isEqualTo(4);
        assertThat(large.load(HART, bytes - 4, 4)).isEqualTo(7);
    }

    private static int touchedPages(Ram ram) {
        int[] untouched = ram.peekPage(ram.base() + 0x10_0000);
        int touched = 0;
        for (long pa = ram.base(); pa < ram.base() + ram.bytes(); pa += Ram.PAGE_BYTES) {
            touched += ram.peekPage(pa) == untouched ? 0 : 1;
        }
        return touched;
    }

    // ---- refusals and faults ----

    /** A device with a register at every offset, which records each access. */
    private static final class Recorder implements BusDevice {
        private final List<String> seen = new ArrayList<>();

        @Override
        public int load(long offset, int width) {
            seen.add("load" + 8 * width + " " + offset);
            return 0x55;
        }

        @Override
        public void store(long offset, int width, int value) {
            seen.add("store" + 8 * width + " " + offset + " " + value);
        }

        @Override
        public int peek(long offset, int width) {
            return 0x55;
        }
    }

    @Test
    void aDeviceHearsOffsetsIntoItsOwnRange() {
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        bus.attach("second", 0x2000, 0x10, second);
        bus.attach("first", 0x1000, 0x1000, first);
        bus.store(HART, 0x2000, 4, 9);
        bus.load(HART, 0x1ffe, 2);
        assertThat(second.seen).containsExactly("store32 0 9");
        assertThat(first.seen).containsExactly("load16 4094");
        assertThat(bus.ranges()).extracting(AddressRange::name).containsExactly("first", "second", "ram");
    }

    @Test
    void peekingAtADeviceHasNoEffect() {
        Recorder device = new Recorder();
        bus.attach("device", 0x1000, 0x10, device);
        assertThat(bus.peek(0x1004, 4)).isEqualTo(0x55);
        assertThat(device.seen).isEmpty();
    }

    @Test
    void anOverlappingRangeIsRefused() {
        bus.attach("device", 0x1000, 0x10, new Recorder());
        assertRefused(0x100f, 1, "device");
        assertRefused(0x0fff, 2, "device");
        assertRefused(0, 0x1_0000, "device");
        assertRefused(0x1004, 4, "device");
        assertRefused(BASE + BYTES - 1, 1, "ram");
        assertRefused(BASE - 1, 2, "ram");
        bus.attach("before", 0x0ff0, 0x10, new Recorder());
        bus.attach("after", 0x1010, 0x10, new Recorder());
        bus.attach("after ram", BASE + BYTES, 1, new Recorder());
    }

    @Test
    void anEmptyOrWrappingRangeIsRefused() {
        assertRefused(0x1000, 0, "empty");
        assertRefused(0x1000, -1, "empty");
        assertRefused(-4, 8, "address space");
        assertRefused(0xffff_fff0L, 0x11, "address space");
        assertRefused(0xffff_fff0L, Long.MAX_VALUE, "address space");
        bus.attach("the last", 0xffff_fff0L, 0x10, new Recorder());
    }

    private void assertRefused(long base, long bytes, String why) {
        assertThatThrownBy(() -> bus.attach("new", base, bytes, new Recorder()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("new").hasMessageContaining(why);
    }

    @Test
    void ramOfAnOddSizeOrPlaceIsRefused() {
        for (long[] range : new long[][] {{0, 0}, {0, 4095}, {1, 4096}, {0, -4096}, {0xffff_f000L, 8192}}) {
            assertThatThrownBy(() -> new Ram(range[0], range[1])).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(new Ram(0xffff_f000L, 4096).contains(0xffff_ffffL)).isTrue();
    }

    @Test
    void anUnmappedAccessIsABusFaultWithAddressAndWidth() {
        bus.attach("device", 0x1000, 0x10, new Recorder());
        for (long pa : new long[] {0, 0xffc, 0x1010, BASE - 4, BASE + BYTES, 0xffff_fffcL, 0x3_8000_0000L}) {
            assertFault(() -> bus.load(HART, pa, 4), pa, "32-bit");
            assertFault(() -> bus.store(HART, pa, 2, 0), pa, "16-bit");
            assertFault(() -> bus.peek(pa, 1), pa, "8-bit");
        }
        assertThatThrownBy(() -> bus.load(HART, 0x1_0000, 4)).hasMessageContaining("0x0001_0000")
                .hasMessageContaining("hart0");
    }

    @Test
    void aBulkMoveThatLeavesRamFaultsAtTheFirstForeignByte() {
        bus.write(HART, BASE + BYTES - 2, new byte[] {1, 2}, 0, 2);
        assertFault(() -> bus.write(HART, BASE + BYTES - 2, new byte[] {3, 4, 5}, 0, 3), BASE + BYTES, "not RAM");
        assertThat(bus.load(HART, BASE + BYTES - 2, 2)).isEqualTo(0x0403);
        byte[] into = new byte[3];
        assertFault(() -> bus.read(HART, BASE + BYTES - 2, into, 0, 3), BASE + BYTES, "not RAM");
        assertThat(into).containsExactly(3, 4, 0);
    }

    @Test
    void aBulkMoveThatLeavesItsArrayIsRefusedBeforeAnyByteMoves() {
        List<String> heard = new ArrayList<>();
        bus.watchDevices((master, va, pa, bytes, access) -> heard.add(access + " of " + bytes));
        byte[] ones = new byte[Ram.PAGE_BYTES + 8];
        Arrays.fill(ones, (byte) 1);
        assertThatThrownBy(() -> bus.write(CARD, BASE, ones, 4, ones.length))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> bus.read(CARD, BASE, ones, 4, ones.length))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(heard).isEmpty();
        assertThat(bus.load(HART, BASE, 4)).isZero();
        assertThat(ones).containsOnly(1);
    }

    @Test
    void aMasterReachesOnlyAsFarAsItsWires() {
        PhysicalBus wide = new PhysicalBus(new Ram(0, 0x200_0000));
        wide.write(ENGINE, 0xff_ffff, new byte[] {1}, 0, 1);
        wide.store(ENGINE, 0xff_fffc, 4, 2);
        assertFault(() -> wide.write(ENGINE, 0xff_ffff, new byte[2], 0, 2), 0x100_0000,
                "dma0 has only 24 address bits");
        assertFault(() -> wide.read(ENGINE, 0x100_0000, new byte[1], 0, 1), 0x100_0000, "dma0");
        assertFault(() -> wide.store(ENGINE, 0x100_0000, 4, 2), 0x100_0000, "dma0 has only 24 address bits");
        assertFault(() -> wide.load(ENGINE, 0x100_0000, 4), 0x100_0000, "dma0 has only 24 address bits");
        assertThatThrownBy(() -> new BusMaster("none", 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BusMaster("many", 35)).isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertFault(Runnable access, long pa, String why) {
        assertThatThrownBy(access::run).isInstanceOf(BusFault.class).hasMessageContaining(why)
                .satisfies(fault -> assertThat(((BusFault) fault).pa()).isEqualTo(pa));
    }

    // ---- watched pages ----

    @Test
    void aWatchedPageTellsItsWatchBeforeEveryAccessWhoeverMakesIt() {
        List<String> heard = new ArrayList<>();
        AccessWatch watch = (master, va, pa, bytes, access) ->
                heard.add((access == Access.STORE ? "store " : "load ") + (pa - BASE) + "+" + bytes
                        + " finds " + bus.ram().peekPage(pa)[0]);
        bus.watch(BASE + Ram.PAGE_BYTES + 100, 1, watch);
        bus.store(HART, BASE + 4096, 4, 7);
        bus.load(HART, BASE + 4098, 2);
        bus.load(HART, BASE, 4);
        bus.write(HART, BASE + 4090, new byte[10], 0, 10);
        bus.read(HART, BASE + 8190, new byte[10], 0, 10);
        bus.peek(BASE + 4097, 1);
        assertThat(heard).containsExactly("store 4096+4 finds 0", "load 4098+2 finds 7", "store 4096+4 finds 7",
                "load 8190+2 finds 0", "load 4097+1 finds 0");
        bus.unwatch(BASE + Ram.PAGE_BYTES + 100, 1, watch);
        heard.clear();
        bus.store(HART, BASE + 4096, 4, 7);
        assertThat(heard).isEmpty();
    }

    @Test
    void watchingARangeWatchesEveryPageThatItTouchesAndNoOther() {
        List<Long> heard = new ArrayList<>();
        AccessWatch watch = (master, va, pa, bytes, access) -> heard.add((pa - BASE) / Ram.PAGE_BYTES);
        bus.watch(BASE + 2 * Ram.PAGE_BYTES - 1, 2, watch);
        bus.read(HART, BASE, new byte[BYTES], 0, BYTES);
        assertThat(heard).containsExactly(1L, 2L);
    }

    /** The bytes begin in the last word of the first page and end in the fourth page. Only the third is watched. */
    @Test
    void aBulkMoveStopsForWatchedPagesOnlyAndHasMovedTheBytesBeforeThem() {
        byte[] ones = new byte[4 + 2 * Ram.PAGE_BYTES + 8];
        Arrays.fill(ones, (byte) 1);
        List<String> heard = new ArrayList<>();
        bus.watch(BASE + 2 * Ram.PAGE_BYTES, 4, (master, va, pa, bytes, access) -> heard.add(access + " "
                + (pa - BASE) + "+" + bytes + " after " + Arrays.toString(firstBytes())));
        bus.write(CARD, BASE + Ram.PAGE_BYTES - 4, ones, 0, ones.length);
        assertThat(heard).containsExactly("STORE 8192+4096 after [1, 0, 0]");
        assertThat(firstBytes()).containsExactly(1, 1, 1);
        heard.clear();
        bus.read(CARD, BASE + Ram.PAGE_BYTES - 4, ones, 0, ones.length);
        assertThat(heard).containsExactly("LOAD 8192+4096 after [1, 1, 1]");
        heard.clear();
        bus.watchDevices((master, va, pa, bytes, access) -> heard.add("device " + (pa - BASE) + "+" + bytes));
        bus.write(BusMaster.hart(0), BASE + 3 * Ram.PAGE_BYTES, ones, 0, 8);
        bus.write(CARD, BASE + Ram.PAGE_BYTES - 4, ones, 0, ones.length);
        assertThat(heard).containsExactly("device 4092+4", "device 4096+4096", "STORE 8192+4096 after [1, 1, 1]",
                "device 8192+4096", "device 12288+8");
    }

    /** Returns the first byte of each page but the first one. */
    private int[] firstBytes() {
        return IntStream.of(1, 2, 3)
                .map(page -> bus.ram().peekPage(BASE + page * Ram.PAGE_BYTES)[0] & 0xff).toArray();
    }

    @Test
    void aBulkMoveBreaksTheReservationsAndEmptiesTheCodeOfAllItsPages() {
        BusMaster hart = BusMaster.hart(0);
        Reservations reservations = bus.reservationsFor(hart);
        reservations.reserve(hart, BASE + 2 * Ram.PAGE_BYTES + 8);
        CodePage whole = bus.code().makeAt(BASE + 2 * Ram.PAGE_BYTES);
        CodePage partly = bus.code().makeAt(BASE + 3 * Ram.PAGE_BYTES);
        partly.slots[0] = 7;
        partly.slots[20] = 7;
        bus.write(CARD, BASE + Ram.PAGE_BYTES, new byte[2 * Ram.PAGE_BYTES + 8], 0, 2 * Ram.PAGE_BYTES + 8);
        assertThat(reservations.holds(hart, BASE + 2 * Ram.PAGE_BYTES + 8)).isFalse();
        assertThat(whole.isLive()).isFalse();
        assertThat(bus.code().at(BASE + 2 * Ram.PAGE_BYTES)).isNull();
        assertThat(partly.isLive()).isTrue();
        assertThat(partly.slots[0]).isEqualTo(CodePage.EMPTY);
        assertThat(partly.slots[20]).isEqualTo(7);
    }

    @Test
    void aPageWatchedTwiceStaysWatchedUntilBothHaveGone() {
        int[] count = new int[2];
        AccessWatch one = (master, va, pa, bytes, access) -> count[0]++;
        AccessWatch two = (master, va, pa, bytes, access) -> count[1]++;
        bus.watch(BASE, 10, one);
        bus.watch(BASE + 5, 10, two);
        bus.unwatch(BASE, 10, one);
        bus.load(HART, BASE, 4);
        assertThat(count).containsExactly(0, 1);
        assertThat(bus.fastPage(BASE)).isNull();
        bus.unwatch(BASE + 5, 10, two);
        assertThat(bus.fastPage(BASE)).isNotNull();
    }

    @Test
    void watchingAndImagesDropTheFastPathsAndWatchedPagesGetNoneAnew() {
        int[] dropped = new int[1];
        bus.addFastPath(holder(() -> dropped[0]++));
        AccessWatch watch = (master, va, pa, bytes, access) -> { };
        assertThat(bus.fastPage(BASE)).isNotNull();
        bus.watch(BASE, 1, watch);
        assertThat(dropped[0]).isEqualTo(1);
        assertThat(bus.fastPage(BASE + 4000)).isNull();
        assertThat(bus.fastPageForWrite(HART, BASE)).isNull();
        assertThat(bus.fastPage(BASE + 4096)).isNotNull();
        assertThat(bus.fastPage(0)).as("not RAM").isNull();
        Ram.Image image = bus.takeImage();
        assertThat(dropped[0]).isEqualTo(2);
        bus.restoreImage(image);
        assertThat(dropped[0]).isEqualTo(3);
    }

    @Test
    void watchingPagesThatNoFastPathHasDropsNone() {
        int[] dropped = new int[1];
        bus.addFastPath(holder(() -> dropped[0]++));
        AccessWatch watch = (master, va, pa, bytes, access) -> { };
        bus.fastPage(BASE);
        bus.fastPageForWrite(HART, BASE + 3 * Ram.PAGE_BYTES);
        bus.load(HART, BASE + Ram.PAGE_BYTES, 4);
        bus.write(HART, BASE + 2 * Ram.PAGE_BYTES, new byte[10], 0, 10);
        bus.watch(BASE + Ram.PAGE_BYTES, 2 * Ram.PAGE_BYTES, watch);
        bus.watch(0, BASE, watch);
        bus.watch(BASE + BYTES, 10, watch);
        assertThat(dropped[0]).isZero();
        bus.watch(BASE + 2 * Ram.PAGE_BYTES, Ram.PAGE_BYTES + 1, watch);
        assertThat(dropped[0]).as("a store path has the last page of these").isEqualTo(1);
        bus.watch(BASE, BYTES, watch);
        assertThat(dropped[0]).as("no fast path holds a page any more").isEqualTo(1);
    }

    @Test
    void eachKindOfWatchHearsOfItsOwnMastersUntilTheGuardsAreDropped() {
        BusMaster hart = BusMaster.hart(0);
        BusMaster device = new BusMaster("card", 32);
        List<String> heard = new ArrayList<>();
        bus.watch(BASE, 4, (master, va, pa, bytes, access) -> heard.add("page " + master.name() + " " + access));
        bus.watchDevices((master, va, pa, bytes, access) -> heard.add("device " + master.name() + " " + access));
        bus.guardDevices((master, va, pa, bytes, access) -> heard.add("guard " + master.name() + " " + va));
        bus.guardSoftware((master, va, pa, bytes, access) -> heard.add("software " + master.name() + " " + va));
        bus.store(hart, BASE, 4, 7);
        bus.read(device, BASE, new byte[4], 0, 4);
        bus.announce(hart, 0xc000_0000L, BASE, 4, Access.STORE);
        assertThat(heard).containsExactly("page " + hart.name() + " STORE", "page card LOAD", "device card LOAD",
                "guard card -1", "software " + hart.name() + " 3221225472");
        assertThat(bus.mayBeFast(0xc000_0000L, BASE)).as("a watch of software, by default").isFalse();
        bus.dropGuards();
        heard.clear();
        bus.read(device, BASE + Ram.PAGE_BYTES, new byte[4], 0, 4);
        bus.announce(hart, 0xc000_0000L, BASE, 4, Access.STORE);
        assertThat(heard).containsExactly("device card LOAD");
        assertThat(bus.mayBeFast(0xc000_0000L, BASE)).isTrue();
    }

    @Test
    void settlingTellsEveryWatcherOnce() {
        List<Long> heard = new ArrayList<>();
        bus.watch(BASE + 4095, 2, (master, va, pa, bytes, access) -> heard.add(pa - BASE));
        bus.settle();
        assertThat(heard).containsExactlyInAnyOrder(0L, 4096L);
    }

    // ---- images ----

    @Test
    void restoringAnImageBringsBackEveryByte() {
        Ram.Image empty = bus.takeImage();
        bus.store(HART, BASE + 4, 4, 1);
        Ram.Image image = bus.takeImage();
        bus.store(HART, BASE + 4, 4, 2);
        bus.store(HART, BASE + 0x3ffc, 4, 3);
        bus.restoreImage(image);
        assertThat(bus.load(HART, BASE + 4, 4)).isEqualTo(1);
        assertThat(bus.load(HART, BASE + 0x3ffc, 4)).isZero();
        bus.store(HART, BASE + 4, 4, 5);
        bus.restoreImage(image);
        assertThat(bus.load(HART, BASE + 4, 4)).as("restored a second time").isEqualTo(1);
        bus.restoreImage(empty);
        assertThat(contents(bus)).containsOnly(0);
    }

    @Test
    void restoringAnOlderImageForgetsTheNewerOnes() {
        Ram.Image older = bus.takeImage();
        Ram.Image newer = bus.takeImage();
        bus.restoreImage(newer);
        bus.restoreImage(older);
        assertThatThrownBy(() -> bus.restoreImage(newer)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("forgotten");
        bus.restoreImage(older);
        Ram.Image foreign = new PhysicalBus(new Ram(0, 4096)).takeImage();
        assertThatThrownBy(() -> bus.restoreImage(foreign)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPageKeepsItsArrayThroughImagesAndRestores() {
        int[] page = bus.fastPageForWrite(HART, BASE);
        Ram.Image image = bus.takeImage();
        bus.store(HART, BASE, 4, 1);
        bus.restoreImage(image);
        assertThat(bus.fastPageForWrite(HART, BASE)).isSameAs(page);
        assertThat(bus.fastPage(BASE)).isSameAs(page);
    }

    @Test
    void imagesTakenAndRestoredAtRandomAgreeWithCopies() {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 40; round++) {
            Random random = seed.random(round);
            PhysicalBus fresh = new PhysicalBus(new Ram(BASE, BYTES));
            Model model = new Model();
            List<Ram.Image> images = new ArrayList<>();
            List<byte[]> copies = new ArrayList<>();
            for (int step = 0; step < 300; step++) {
                String replay = seed.replay("round " + round + " step " + step);
                int choice = random.nextInt(20);
                if (choice == 0) {
                    images.add(fresh.takeImage());
                    copies.add(model.bytes.clone());
                } else if (choice == 1 && !images.isEmpty()) {
                    int which = random.nextInt(images.size());
                    fresh.restoreImage(images.get(which));
                    model.bytes = copies.get(which).clone();
                    images.subList(which + 1, images.size()).clear();
                    copies.subList(which + 1, copies.size()).clear();
                    assertThat(contents(fresh)).as(replay).isEqualTo(model.bytes);
                } else if (choice < 4) {
                    doSomething(fresh, model, random, replay);
                } else {
                    int at = random.nextInt(BYTES);
                    fresh.store(HART, BASE + at, 1, step);
                    model.store(at, 1, step);
                }
            }
            assertThat(contents(fresh)).as(seed.replay("round " + round)).isEqualTo(model.bytes);
        }
    }

    private static FastPathHolder holder(Runnable dropAll) {
        return new FastPathHolder() {
            @Override
            public void dropAll() {
                dropAll.run();
            }

            @Override
            public void dropStores(int[] page) { }
        };
    }
}
