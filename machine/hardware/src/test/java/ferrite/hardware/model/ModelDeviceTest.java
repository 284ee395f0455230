package ferrite.hardware.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.report.Report;
import ferrite.hardware.report.UnreachableAddress;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.hardware.turn.Interleavings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices that models declare, on the bus of a machine. */
class ModelDeviceTest {

    private static final long BASE = 0xf010_0000L;
    private static final long RAM_BYTES = 1 << 16;

    private final Machine machine = new Machine(new Machine.Configuration(0, RAM_BYTES, 1, 0, Interleavings.RR, 1));
    private final BusMaster hart = BusMaster.hart(0);
    private final List<UnreachableAddress> violations = new ArrayList<>();
    private final List<Boolean> levels = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private final DmaController dma = new DmaController("dma0", machine.bus(), machine.clock(), DmaPolicy.FAULT,
            machine.violations());

    @AfterEach
    void closeMachine() {
        machine.close();
    }

    /** The declaration that a test adds to a device with a name. */
    private interface Declaration extends DeviceModel {

        void declare(DeviceBuilder device);

        @Override
        default void build(DeviceBuilder device) {
            device.name("dice").compatible("example,dice");
            declare(device);
        }
    }

    private ModelDevice plug(Declaration model) {
        return plug(model, Map.of());
    }

    private ModelDevice plug(DeviceModel model, Map<String, String> parameters) {
        machine.onViolation(violations::add);
        ModelDevice device = ModelDevice.build(model, parameters);
        machine.add(device).connect(machine, new ModelDevice.Place("dice0", BASE, List.<IrqLine>of(levels::add,
                levels::add), dma, 1, log::add));
        return device;
    }

    private int load(int offset, int width) {
        return machine.bus().load(hart, BASE + offset, width);
    }

    private void store(int offset, int width, int value) {
        machine.bus().store(hart, BASE + offset, width, value);
    }

    private void pass(long ticks) {
        machine.clock().jumpTo(machine.clock().now() + ticks);
        machine.clock().fireDue();
    }

    private String failure() {
        return machine.turn().panic().getMessage();
    }

    // ---- registers ----

    @Test
    void aRegisterIsAccessedAsItsRowSays() {
        plug(device -> {
            device.register("RO", 0, 4, RegisterAccess.RO).reset(0x1234_5678);
            device.register("WO", 4, 4, RegisterAccess.WO);
            device.register("RW", 8, 2, RegisterAccess.RW).reset(0x8001).writable(0x00ff);
            device.register("W1C", 10, 1, RegisterAccess.W1C).reset(0b1110);
        });
        assertThat(load(0, 4)).isEqualTo(0x1234_5678);
        store(4, 4, -1);
        store(8, 2, 0x1_fff0);
        assertThat(load(8, 2)).isEqualTo(0x80f0);
        store(10, 1, 0b0110);
        assertThat(load(10, 1)).isEqualTo(0b1000);
        assertThatThrownBy(() -> store(0, 4, 1)).isInstanceOf(BusFault.class).hasMessage("32-bit access to physical "
                + "0xf010_0000: offset 0x0 of dice0: RO cannot be written, it is read-only");
        assertThatThrownBy(() -> load(4, 4)).isInstanceOf(BusFault.class).hasMessageEndingWith(
                "WO cannot be read, it is write-only");
        assertThatThrownBy(() -> load(8, 4)).hasMessageEndingWith("RW is 16 bits wide");
        assertThatThrownBy(() -> load(9, 1)).hasMessageEndingWith("RW is 16 bits wide");
        assertThatThrownBy(() -> load(12, 4)).isInstanceOf(BusFault.class).hasMessageEndingWith("no register is there");
        assertThat(machine.turn().hasFailed()).as("a driver's mistake is no failure of the model").isFalse();
    }

    @Test
    void effectsFollowAccessesAndADebuggerHasNone() {
        List<Integer> effects = new ArrayList<>();
        plug(device -> {
            Register count = device.state("count");
            device.register("NEXT", 0, 4, RegisterAccess.RO).value(() -> count.get() + 1)
                    .onRead(() -> count.set(count.get() + 1));
            device.register("PUT", 4, 1, RegisterAccess.RW).onWrite(effects::add);
        });
        assertThat(machine.bus().peek(BASE, 4)).isEqualTo(1);
        assertThat(List.of(load(0, 4), load(0, 4), machine.bus().peek(BASE, 4))).containsExactly(1, 2, 3);
        store(4, 1, 0x1ff);
        assertThat(effects).containsExactly(0xff);
    }

    @Test
    void fieldsAndWindowsAreLikeADataSheets() {
        ModelDevice dice = plug(device -> {
            Register status = device.register("STATUS", 0, 4, RegisterAccess.RO);
            BitField busy = status.bit("BUSY", 0);
            BitField mode = status.bits("MODE", 4, 4);
            DeviceMemory window = device.memory("WINDOW", 0x100, 8);
            device.register("GO", 4, 4, RegisterAccess.WO).onWrite(value -> {
                busy.set();
                mode.set(window.bytes()[1]);
                assertThat(busy.isSet() && mode.get() == 9 && mode.of(0x30) == 3).isTrue();
            });
            device.register("BAD", 8, 4, RegisterAccess.WO).onWrite(mode::set);
        });
        store(0x100, 2, 0x0901);
        store(4, 4, 0);
        assertThat(load(0, 4)).isEqualTo(0x91);
        assertThat(load(0x100, 4)).isEqualTo(0x0901);
        assertThatThrownBy(() -> load(0x108, 4)).isInstanceOf(BusFault.class);
        assertThat(dice.inspect().value("STATUS")).isEqualTo("0x00000091 BUSY MODE=9");
        store(8, 4, 16);
        assertThat(failure()).startsWith("the model of dice0 failed when software wrote 0x10 to BAD: the field MODE of "
                + "STATUS has 4 bits, and 0x10 does not fit");
    }

    // ---- declarations that cannot be right ----

    private static void refuses(Declaration model, String sentence) {
        assertThatThrownBy(() -> ModelDevice.build(model, Map.of())).isInstanceOf(ModelException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void aDeclarationThatCannotBeRightIsRefusedInASentence() {
        refuses(device -> {
            device.register("A", 0, 4, RegisterAccess.RO);
            device.register("B", 2, 2, RegisterAccess.RO);
        }, "A and B overlap at offset 0x2");
        refuses(device -> {
            device.register("A", 0x10, 4, RegisterAccess.RO);
            device.memory("W", 0, 0x14);
        }, "W and A overlap at offset 0x10");
        refuses(device -> device.register("A", 0x1000, 4, RegisterAccess.RO), "A ends past the device's 0x1000 bytes");
        refuses(device -> device.memory("W", 0x7fff_fffc, 8), "W ends past");
        refuses(device -> device.register("A", 2, 4, RegisterAccess.RO), "no multiple of its 4 bytes");
        refuses(device -> device.register("A", 0, 3, RegisterAccess.RO), "1, 2 or 4 would be right");
        refuses(device -> device.register("A", 0, 1, RegisterAccess.RO).reset(0x100), "0x100 does not fit");
        refuses(device -> device.register("A", 0, 1, RegisterAccess.RO).bit("F", 8), "bits 0 to 7");
        refuses(device -> {
            device.state("A");
            device.buffer("A", 1);
        }, "A is declared twice");
        refuses(device -> device.name("Dice!"), "is no name of a device");
        refuses(device -> device.size(100), "a multiple of 4096 bytes");
        refuses(device -> device.property("reg", 1), "the board adds reg");
        refuses(device -> device.busMaster(33), "12 to 32 address wires");
        refuses(device -> device.buffer("HUGE", 1 << 23), "4 MiB of memory at most");
        refuses(device -> device.interrupt().raise(), "the device is not in a machine yet");
        refuses(device -> {
            throw new IllegalStateException("confused");
        }, "its build failed: java.lang.IllegalStateException: confused");
        assertThatThrownBy(() -> ModelDevice.build(device -> device.compatible("x"), Map.of()))
                .hasMessageContaining("gives no name");
        assertThatThrownBy(() -> ModelDevice.build(device -> device.name("x"), Map.of()))
                .hasMessageContaining("gives no compatible");
    }

    @Test
    void parametersReachTheModelAndOthersAreRefusedByName() {
        List<String> values = new ArrayList<>();
        Declaration model = device -> {
            values.add(device.parameter("faces", "6", "number of faces"));
            values.add(device.parameter("seed", "1", "of all throws"));
        };
        plug(model, Map.of("faces", "8"));
        assertThat(values).containsExactly("8", "1");
        assertThatThrownBy(() -> ModelDevice.build(model, Map.of("eyes", "8")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the device dice has no parameter eyes; there is faces (number of faces), seed (of all "
                        + "throws)");
        assertThatThrownBy(() -> ModelDevice.build((Declaration) device -> { }, Map.of("eyes", "8")))
                .hasMessageEndingWith("has no parameter eyes; it has none");
    }

    // ---- time and interrupts ----

    private ModelDevice plugTimer() {
        return plug(device -> {
            Interrupt interrupt = device.interrupt();
            Register rings = device.register("RINGS", 0, 4, RegisterAccess.RO);
            DeviceMemory bell = device.buffer("bell", 3);
            TimedEvent ring = device.event("ring", () -> {
                rings.set(rings.get() + 1);
                bell.bytes()[0] = 7;
                interrupt.raise();
            });
            device.register("DELAY", 4, 4, RegisterAccess.WO).onWrite(ring::scheduleIn);
            device.register("ACK", 8, 4, RegisterAccess.WO).onWrite(value -> interrupt.lower());
            device.register("RESET", 12, 4, RegisterAccess.WO).onWrite(value -> device.host().reset());
        });
    }

    @Test
    void anEventHappensAtItsTickAndAnInterruptIsALevel() {
        plugTimer();
        store(4, 4, 100);
        pass(99);
        assertThat(load(0, 4)).isZero();
        pass(1);
        assertThat(load(0, 4)).isEqualTo(1);
        assertThat(levels).containsExactly(true);
        store(8, 4, 0);
        store(8, 4, 0);
        assertThat(levels).containsExactly(true, false);
    }

    @Test
    void aResetReturnsEverythingToPowerOn() {
        ModelDevice timer = plugTimer();
        store(4, 4, 1);
        pass(1);
        store(4, 4, 50);
        store(12, 4, 0);
        pass(50);
        assertThat(load(0, 4)).isZero();
        assertThat(levels).containsExactly(true, false);
        assertThat(timer.inspect().value("event ring")).isEqualTo("none");
    }

    /** The event is saved with the clock, and everything else with the device. */
    @Test
    void aSnapshotHoldsRegistersBuffersInterruptsAndPendingEvents() {
        ModelDevice timer = plugTimer();
        store(4, 4, 1);
        pass(1);
        store(4, 4, 40);
        pass(10);
        Machine.Snapshot snapshot = machine.snapshot();
        String before = text(timer.inspect());
        assertThat(before).contains("RINGS=0x00000001", "interrupt=raised", "event ring=in 30 ticks");
        pass(30);
        store(8, 4, 0);
        assertThat(load(0, 4)).isEqualTo(2);
        machine.restore(snapshot);
        assertThat(text(timer.inspect())).isEqualTo(before);
        pass(29);
        assertThat(load(0, 4)).isEqualTo(1);
        pass(1);
        assertThat(load(0, 4)).isEqualTo(2);
    }

    private static String text(Report report) {
        return String.join(", ", report.fields().stream().map(field -> field.name() + "=" + field.text()).toList());
    }

    @Test
    void aModelsOwnStateIsSavedTooAndHostileStateIsRefused() {
        int[] own = {0};
        ModelDevice device = plug(new Declaration() {
            @Override
            public void declare(DeviceBuilder builder) {
                builder.register("OWN", 0, 1, RegisterAccess.RW).onWrite(value -> own[0] = value);
            }

            @Override
            public void reset() {
                own[0] = 3;
            }

            @Override
            public void save(StateWriter out) {
                out.put32(own[0]);
            }

            @Override
            public void restore(StateReader in) {
                own[0] = in.get32(0, 200);
                if (own[0] == 100) {
                    throw new IllegalArgumentException("a hundred");
                }
            }
        });
        assertThat(own[0]).isEqualTo(3);
        StateWriter saved = new StateWriter();
        device.save(saved);
        store(0, 1, 9);
        assertThat(own[0]).isEqualTo(9);
        device.restore(new StateReader(saved.toBytes()));
        assertThat(own[0]).isEqualTo(3);
        assertThat(load(0, 1)).isZero();
        assertThatThrownBy(() -> device.restore(new StateReader(state(0x100, 3))))
                .isInstanceOf(StateException.class).hasMessageContaining("only bits of 0xff");
        assertThatThrownBy(() -> device.restore(new StateReader(state(0, 100))))
                .isInstanceOf(StateException.class).hasMessage("the model of dice0 cannot restore it: "
                        + "java.lang.IllegalArgumentException: a hundred");
        assertThatThrownBy(() -> device.restore(new StateReader(state(0, 3, 4))))
                .isInstanceOf(StateException.class).hasMessage("the model of dice0 does not restore all that it saves");
    }

    /** Returns the state of a device with one register, and words of its own. */
    private static byte[] state(int register, int... own) {
        StateWriter words = new StateWriter();
        for (int word : own) {
            words.put32(word);
        }
        StateWriter out = new StateWriter();
        out.put32(register);
        out.putBytes(words.toBytes());
        return out.toBytes();
    }

    @Test
    void aModelAddsItsFindingsToTheMonitorsAndMayFailToo() {
        int[] looks = {0};
        ModelDevice device = plug(new Declaration() {
            @Override
            public void declare(DeviceBuilder builder) {
                builder.register("OLD", 0, 4, RegisterAccess.RO).value(() -> 100 / looks[0]);
            }

            @Override
            public void inspect(Report report) {
                report.number("looks", 100 / looks[0]);
            }
        });
        assertThat(text(device.inspect())).isEqualTo("OLD=the model failed: java.lang.ArithmeticException: / by zero, "
                + "inspect=the model failed: java.lang.ArithmeticException: / by zero");
        looks[0] = 4;
        assertThat(text(device.inspect())).isEqualTo("OLD=0x00000019, looks=25");
        assertThat(machine.turn().hasFailed()).as("looking ends nothing").isFalse();
    }

    // ---- the bus and the DMA controller ----

    /** Copies a word from SOURCE to TARGET, and puts 1 into ERROR for a fault, 2 for an address out of reach. */
    private ModelDevice plugMover(int addressBits) {
        return plug(device -> {
            BusPort port = device.busMaster(addressBits);
            Register source = device.register("SOURCE", 0, 4, RegisterAccess.RW);
            Register error = device.register("ERROR", 4, 4, RegisterAccess.RO);
            device.register("TARGET", 8, 4, RegisterAccess.WO).onWrite(target -> {
                try {
                    port.write32(target & 0xffff_ffffL, port.read32(source.get() & 0xffff_ffffL));
                    error.set(0);
                } catch (TransferException e) {
                    error.set(e.isOutOfReach() ? 2 : 1);
                }
            });
        });
    }

    private int move(int source, int target) {
        store(0, 4, source);
        store(8, 4, target);
        return load(4, 4);
    }

    @Test
    void aBusMasterReachesMemoryAndIsToldOfTheRest() {
        plugMover(32);
        machine.bus().store(hart, 0x100, 4, 0x89ab_cdef);
        assertThat(move(0x100, 0x203)).isZero();
        assertThat(machine.bus().load(hart, 0x204, 4)).isEqualTo(0x0089_abcd);
        assertThat(move((int) RAM_BYTES - 2, 0)).isEqualTo(1);
        assertThat(move((int) BASE, 0)).as("another device").isEqualTo(1);
        assertThat(violations).isEmpty();
        move(-1, 0);
        assertThat(failure()).startsWith("the model of dice0 failed when software wrote 0x0 to TARGET: it accesses 4 "
                + "bytes at 0xffffffff; an address has 32 bits");
    }

    @Test
    void anAddressThatTheWiresDoNotCarryIsAViolationOfTheDevice() {
        plugMover(15);
        assertThat(move(0x7ffc, 0)).isZero();
        assertThat(move(0, 0x7ffd)).isEqualTo(2);
        assertThat(violations).singleElement().satisfies(told -> {
            assertThat(told.culprit()).isEqualTo("dma-above-reach by dice0");
            assertThat(told.toMemory()).isTrue();
            assertThat(told.wrappedDma()).isEqualTo(0x7ffd);
        });
    }

    @Test
    void aDeviceOnADmaChannelSuppliesItsBytes() {
        plug(device -> {
            Register left = device.state("left");
            Register ended = device.register("ENDED", 4, 1, RegisterAccess.RO);
            DmaLine line = device.dmaChannel(8, new DmaTransfers() {
                @Override
                public int ready() {
                    return left.get();
                }

                @Override
                public void supply(byte[] into, int at, int length) {
                    for (int i = 0; i < length; i++) {
                        into[at + i] = (byte) (0x40 + left.get());
                        left.set(left.get() - 1);
                    }
                }

                @Override
                public void accept(byte[] from, int at, int length) { }

                @Override
                public void terminalCount() {
                    ended.set(1);
                }
            });
            device.register("COUNT", 0, 4, RegisterAccess.WO).onWrite(count -> {
                left.set(count);
                line.request();
            });
        });
        setUpChannel1(0x300, 4);
        store(0, 4, 4);
        pass(1000);
        assertThat(machine.bus().load(hart, 0x300, 4)).isEqualTo(0x4142_4344);
        assertThat(load(4, 1)).isEqualTo(1);
        assertThat(dma.look().get(1).device()).isEqualTo("dice0");
    }

    @Test
    void aDeviceThatHasLessThanNoBytesReadyFails() {
        plug(device -> {
            DmaLine line = device.dmaChannel(8, new DmaTransfers() {
                @Override
                public int ready() {
                    return -1;
                }

                @Override
                public void supply(byte[] into, int at, int length) { }

                @Override
                public void accept(byte[] from, int at, int length) { }
            });
            device.register("GO", 0, 4, RegisterAccess.WO).onWrite(value -> line.request());
        });
        setUpChannel1(0x300, 4);
        store(0, 4, 1);
        assertThat(failure()).startsWith("the model of dice0 failed when the DMA controller asked for its bytes: "
                + "ready() returns -1, and a transfer has 8 bits");
    }

    private void setUpChannel1(int address, int bytes) {
        dma.store(DmaRegisters.port(4, DmaRegisters.MODE), 1, DmaRegisters.MODE_CASCADE);
        dma.store(DmaRegisters.port(4, DmaRegisters.SINGLE_MASK), 1, 0);
        dma.store(DmaRegisters.MODE, 1, DmaRegisters.MODE_SINGLE | DmaRegisters.MODE_WRITE | 1);
        dma.store(DmaRegisters.address(1), 1, address & 0xff);
        dma.store(DmaRegisters.address(1), 1, address >> 8);
        dma.store(DmaRegisters.count(1), 1, bytes - 1);
        dma.store(DmaRegisters.count(1), 1, 0);
        dma.store(DmaRegisters.SINGLE_MASK, 1, 1);
    }

    // ---- models that fail ----

    private void plugFailing(Runnable mistake) {
        plug(device -> {
            device.register("NOW", 0, 4, RegisterAccess.WO).onWrite(value -> mistake.run());
            TimedEvent later = device.event("later", mistake);
            device.register("LATER", 4, 4, RegisterAccess.WO).onWrite(later::scheduleIn);
            device.register("READ", 8, 4, RegisterAccess.RO).value(() -> {
                mistake.run();
                return 1;
            });
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOW", "LATER", "READ"})
    void anExceptionEndsTheRunWithASentence(String where) {
        plugFailing(() -> {
            throw new IllegalStateException("confused");
        });
        switch (where) {
            case "NOW" -> store(0, 4, 5);
            case "LATER" -> {
                store(4, 4, 1);
                pass(1);
            }
            default -> assertThat(load(8, 4)).isZero();
        }
        assertThat(failure()).startsWith("the model of dice0 failed " + switch (where) {
            case "NOW" -> "when software wrote 0x5 to NOW";
            case "LATER" -> "at the event later";
            default -> "when software read READ";
        } + ": java.lang.IllegalStateException: confused, ");
        assertThat(((ModelFailure) machine.turn().panic()).frames()).isNotEmpty();
        store(4, 4, 0);
        assertThat(failure()).as("the first failure counts, and no model is called after it").contains("confused");
    }

    @Test
    void aLookThatFailsEndsNothing() {
        plugFailing(() -> {
            throw new IllegalStateException("confused");
        });
        assertThatThrownBy(() -> machine.bus().peek(BASE + 8, 4)).isInstanceOf(BusFault.class)
                .hasMessageContaining("the model failed to tell the value of READ");
        assertThat(machine.turn().hasFailed()).isFalse();
    }

    @Test
    void endlessRecursionIsAFailureToo() {
        plugFailing(new Runnable() {
            @Override
            public void run() {
                run();
            }
        });
        store(0, 4, 1);
        assertThat(failure()).contains("java.lang.StackOverflowError");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -5})
    void anEventIsInTheFuture(int ticks) {
        plugTimer();
        store(4, 4, ticks);
        assertThat(failure()).contains("the event ring is scheduled " + ticks + " ticks from now; 1 to "
                + "2305843009213693952 would be right");
    }

    @Test
    void aThreadOfTheModelsOwnUsesNothing() throws InterruptedException {
        Interrupt[] interrupt = new Interrupt[1];
        plug(device -> interrupt[0] = device.interrupt());
        List<Throwable> refused = new ArrayList<>();
        Thread stranger = new Thread(() -> interrupt[0].raise());
        stranger.setUncaughtExceptionHandler((thread, why) -> refused.add(why));
        stranger.start();
        stranger.join();
        assertThat(levels).isEmpty();
        assertThat(refused).singleElement().satisfies(why -> assertThat(why).isInstanceOf(ModelException.class)
                .hasMessageContaining("dice0 is used outside of a call of its model"));
        assertThat(machine.turn().panic()).as("the end of the run").isInstanceOf(ModelFailure.class)
                .hasMessageContaining("the model of dice0 failed in another thread");
    }

    @Test
    void aThreadThatIsRefusedPrintsNothing() throws InterruptedException {
        Interrupt[] interrupt = new Interrupt[1];
        plug(device -> interrupt[0] = device.interrupt());
        assertThat(printedBy(() -> interrupt[0].raise())).isEmpty();
        assertThat(printedBy(() -> {
            throw new IllegalStateException("of its own");
        })).as("near miss").contains("of its own");
    }

    /** Returns what the JVM prints about a thread with this body. */
    private static String printedBy(Runnable body) throws InterruptedException {
        PrintStream before = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            Thread stranger = new Thread(body);
            stranger.start();
            stranger.join();
        } finally {
            System.setErr(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"0, 'misuse(mistake, instead) of dice0 needs two clauses for a person, and the mistake is missing'",
                "4, 'misuse(mistake, instead) of dice0 needs two clauses for a person, and the remedy is missing'",
                "8, 'log(line) of dice0 needs a line, and it is null'"})
    void aTextForAPersonIsNotLeftOut(int offset, String sentence) {
        plug(device -> {
            device.register("MISTAKE", 0, 4, RegisterAccess.WO).onWrite(value -> device.host().misuse(null, null));
            device.register("REMEDY", 4, 4, RegisterAccess.WO).onWrite(value -> device.host().misuse("it is", " "));
            device.register("LINE", 8, 4, RegisterAccess.WO).onWrite(value -> device.host().log(null));
        });
        store(offset, 4, 1);
        assertThat(failure()).contains(sentence);
    }

    @Test
    void aLineOfTheLogNamesTheDevice() {
        plug(device -> device.register("SAY", 0, 4, RegisterAccess.WO).onWrite(value -> device.host().log("said "
                + value + " at " + device.host().now())));
        store(0, 4, 3);
        assertThat(log).containsExactly("dice0: said 3 at 0");
    }
}
