package ferrite.hardware.model;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.HostMemoryExhausted;
import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.report.DeviceMisuse;
import ferrite.hardware.report.Report;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * A device that a {@link DeviceModel} declares. A board builds it, finds it a place, and {@link #connect}s it.
 *
 * <p>Every call of the model goes through {@link #call}. If the model fails, the run ends: the machine stops before its
 * next access, and nothing of the model is called any more.
 */
public final class ModelDevice implements BusDevice, Saveable, DeviceHost {

    /**
     * The place of a device in a machine.
     *
     * @param name       the name in this machine, such as {@code dice0}
     * @param base       the first physical address
     * @param interrupts a wire for each interrupt of the device
     * @param dma        the DMA controller; may be null for a device without a channel
     * @param channel    the DMA channel of a device that has one
     * @param log        takes the model's lines for people
     */
    public record Place(String name, long base, List<IrqLine> interrupts, DmaController dma, int channel,
            Consumer<String> log) { }

    private final DeviceModel model;
    private final DeviceBuilder declared;
    /** Null until the declaration is finished, as the place is until the device is connected. */
    private RegisterMap map;
    private boolean building = true;
    private Place place;
    private Machine machine;
    /** The thread that is in a call of the model now. */
    private Thread caller;

    private ModelDevice(DeviceModel model, Map<String, String> parameters) {
        this.model = model;
        this.declared = new DeviceBuilder(this, parameters);
    }

    /**
     * Has a model declare its device.
     *
     * @param parameters the values that a user gives
     * @throws IllegalArgumentException with a sentence, if a parameter does not exist, or the model refuses its value
     * @throws ModelException with a sentence, if the model is wrong
     */
    public static ModelDevice build(DeviceModel model, Map<String, String> parameters) {
        ModelDevice device = new ModelDevice(model, parameters);
        try {
            model.build(device.declared);
        } catch (ModelException wrong) {
            throw new ModelException(wrong.getMessage() + ", " + ModelFailure.where(wrong));
        } catch (IllegalArgumentException refused) {
            throw refused;
        } catch (RuntimeException | LinkageError | StackOverflowError wrong) {
            throw new ModelException("its build failed: " + wrong + ", " + ModelFailure.where(wrong));
        }
        device.declared.finish();
        device.map = new RegisterMap(device.declared);
        device.building = false;
        return device;
    }

    // ---- for the board ----

    /** Returns the declared name, without a number. */
    public String kind() {
        return declared.name();
    }

    /** Returns the name of the model's class. */
    public String modelName() {
        return nameOf(model);
    }

    /** Returns the name of a model's class; of a lambda, that of the class around it, the same in each run. */
    public static String nameOf(DeviceModel model) {
        return model.getClass().getName().replaceFirst("\\$\\$Lambda.*", "");
    }

    public int bytes() {
        return declared.bytes();
    }

    /** Returns the number of interrupts. */
    public int interrupts() {
        return declared.interrupts().size();
    }

    /** Returns the width of the DMA channel in bits; 0 if the device has none. */
    public int dmaWidth() {
        return declared.dma() == null ? 0 : declared.dma().width();
    }

    /** Describes the device in its node of the device tree, without its place. */
    public void describe(DeviceTreeNode node) {
        node.set("compatible", declared.compatible().toArray(String[]::new));
        declared.cells().forEach(node::set);
        declared.texts().forEach((property, value) -> node.set(property, value));
        if (declared.port() != null) {
            node.set(BusPort.ADDRESS_WIDTH, declared.port().addressBits());
        }
    }

    /** Lists the parameters, and the registers that software sees, as a data sheet does. */
    public List<Report> dataSheet() {
        List<Report> rows = new ArrayList<>();
        declared.parameters().forEach((parameter, meaning) -> rows.add(Report.of("parameter").text("label", parameter)
                .text("value", declared.value(parameter)).text("meaning", meaning)));
        map.registers().forEach(register -> rows.add(Report.of("register").text("label", register.toString())
                .text("offset", "0x" + Integer.toHexString(register.offset())).number("bits", 8L * register.width())
                .text("access", register.access().toString())
                .texts("fields", register.fields().stream().map(BitField::place).toList())));
        map.windows().forEach(window -> rows.add(Report.of("memory").text("label", window.toString())
                .text("offset", "0x" + Integer.toHexString(window.offset())).number("bytes", window.bytes().length)));
        return rows;
    }

    /** Connects the device to a machine, attaches it to the bus, and switches it on. The board calls this once. */
    public void connect(Machine newMachine, Place newPlace) {
        machine = newMachine;
        place = newPlace;
        for (Interrupt interrupt : declared.interrupts()) {
            interrupt.connect(place.interrupts().get(interrupt.number()));
        }
        declared.events().forEach(event -> event.connect(machine.clock()));
        if (declared.port() != null) {
            declared.port().connect(machine.bus(), machine.violations());
        }
        if (declared.dma() != null) {
            declared.dma().connect(place.dma(), place.channel());
        }
        machine.bus().attach(place.name(), place.base(), bytes(), this);
        toReset();
    }

    // ---- calls of the model ----

    /**
     * Calls the model. A failure ends the run.
     *
     * @param otherwise the result if it fails
     * @param when      says at what the model failed, for the sentence
     */
    int call(IntSupplier effect, int otherwise, Supplier<String> when) {
        if (machine.turn().hasFailed()) {
            return otherwise;
        }
        Thread outer = caller;
        caller = Thread.currentThread();
        try {
            return effect.getAsInt();
        } catch (HostMemoryExhausted full) {
            throw full;                                // of the machine's RAM
        } catch (Throwable mistake) {
            fail(mistake, when);
            return otherwise;
        } finally {
            caller = outer;
        }
    }

    void call(Runnable effect, Supplier<String> when) {
        call(() -> {
            effect.run();
            return 0;
        }, 0, when);
    }

    private void fail(Throwable mistake, Supplier<String> when) {
        if (mistake instanceof VirtualMachineError) {
            machine.turn().heapAside().use();
        }
        machine.turn().fail(new ModelFailure(name(), when.get(), mistake));
    }

    /** Refuses a use of the device by code that the machine has not called. */
    void requireCall() {
        if (caller != Thread.currentThread()) {
            ModelException wrong = new ModelException("the device " + (place == null ? "is not in a machine yet"
                    : name() + " is used outside of a call of its model") + ": a model acts in effects and events, in "
                    + "no thread of its own");
            if (place != null) {
                machine.turn().failFromOutside(new ModelFailure(name(), "in another thread", wrong), wrong);
            }
            throw wrong;
        }
    }

    /** Refuses a declaration after {@link DeviceModel#build}. */
    void requireBuilding(String declaration) {
        if (!building) {
            throw new ModelException(declaration + " is declared after build(…) has ended");
        }
    }

    // ---- registers ----

    @Override
    public int load(long offset, int width) {
        Register register = map.register(offset);
        if (register == null) {
            return windowAt(offset, width).load((int) offset, width);
        }
        requireAccess(register, offset, width, register.access().isReadable(), " cannot be read, it is ");
        return call(() -> {
            int value = register.peek();
            register.wasRead();
            return value;
        }, 0, () -> "when software read " + register);
    }

    @Override
    public int peek(long offset, int width) {
        Register register = map.register(offset);
        if (register == null) {
            return windowAt(offset, width).load((int) offset, width);
        }
        requireAccess(register, offset, width, register.access().isReadable(), " cannot be read, it is ");
        try {
            return register.peek();
        } catch (RuntimeException | LinkageError | StackOverflowError mistake) {
            throw fault(offset, width, "the model failed to tell the value of " + register + ": " + mistake);
        }
    }

    @Override
    public void store(long offset, int width, int value) {
        Register register = map.register(offset);
        if (register == null) {
            windowAt(offset, width).store((int) offset, width, value);
            return;
        }
        requireAccess(register, offset, width, register.access().isWritable(), " cannot be written, it is ");
        call(() -> register.write(value), () -> "when software wrote 0x" + Integer.toHexString(value) + " to "
                + register);
    }

    private DeviceMemory windowAt(long offset, int width) {
        DeviceMemory window = map.window(offset);
        if (window == null) {
            throw fault(offset, width, "no register is there");
        }
        return window;
    }

    private void requireAccess(Register register, long offset, int width, boolean permitted, String refusal) {
        if (!permitted) {
            throw fault(offset, width, register + refusal + register.access());
        }
        if (offset != register.offset() || width != register.width()) {
            throw fault(offset, width, register + " is " + 8 * register.width() + " bits wide");
        }
    }

    private BusFault fault(long offset, int width, String why) {
        return new BusFault(place.base() + offset, width, "offset 0x" + Long.toHexString(offset) + " of " + name()
                + ": " + why);
    }

    // ---- the model's host ----

    /** Returns the name in the machine; until it is known, the declared one. */
    @Override
    public String name() {
        return place == null ? declared.name() : place.name();
    }

    @Override
    public long now() {
        requireCall();
        return machine.clock().now();
    }

    @Override
    public void reset() {
        requireCall();
        toReset();
    }

    private void toReset() {
        call(() -> {
            declared.registers().forEach(Register::toReset);
            declared.memories().forEach(memory -> Arrays.fill(memory.bytes(), (byte) 0));
            declared.events().forEach(TimedEvent::cancel);
            declared.interrupts().forEach(Interrupt::lower);
            if (declared.dma() != null) {
                declared.dma().drop();
            }
            model.reset();
        }, () -> "when it was reset");
    }

    @Override
    public void misuse(String mistake, String instead) {
        requireCall();
        if (mistake == null || mistake.isBlank() || instead == null || instead.isBlank()) {
            throw new ModelException("misuse(mistake, instead) of " + name() + " needs two clauses for a person, and "
                    + (mistake == null || mistake.isBlank() ? "the mistake" : "the remedy") + " is "
                    + "missing; misuse(\"ROLL is written while BUSY is set\", \"wait for DONE\") would be right");
        }
        machine.report(new DeviceMisuse(name(), place.base(), mistake, instead));
    }

    @Override
    public void log(String line) {
        requireCall();
        if (line == null) {
            throw new ModelException("log(line) of " + name() + " needs a line, and it is null");
        }
        place.log().accept(name() + ": " + line);
    }

    // ---- inspection ----

    /** Describes the current request, or returns null. */
    String request() {
        try {
            return model.request();
        } catch (RuntimeException | LinkageError | StackOverflowError mistake) {
            return "its model failed to describe the request: " + mistake;
        }
    }

    /** Shows the registers, wires and pending events, and the model's own findings. Only looks. */
    public Report inspect() {
        Report report = Report.of(name());
        for (Register register : declared.registers()) {
            report.text(register.toString(), show(register));
        }
        for (Interrupt interrupt : declared.interrupts()) {
            report.text(declared.interrupts().size() == 1 ? "interrupt" : "interrupt " + interrupt.number(),
                    interrupt.isRaised() ? "raised" : "low");
        }
        for (TimedEvent event : declared.events()) {
            report.text("event " + event, event.isScheduled() ? "in " + event.ticksLeft() + " ticks" : "none");
        }
        try {
            model.inspect(report);
        } catch (RuntimeException | LinkageError | StackOverflowError mistake) {
            report.text("inspect", "the model failed: " + mistake);
        }
        return report;
    }

    private static String show(Register register) {
        try {
            return register.show(register.peek());
        } catch (RuntimeException | LinkageError | StackOverflowError mistake) {
            return "the model failed: " + mistake;
        }
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        declared.registers().forEach(register -> out.put32(register.get()));
        declared.memories().forEach(memory -> out.putBytes(memory.bytes()));
        declared.interrupts().forEach(interrupt -> out.putBoolean(interrupt.isRaised()));
        StateWriter own = new StateWriter(out.media());
        call(() -> model.save(own), () -> "when its state was saved");
        out.putBytes(own.toBytes());
    }

    @Override
    public void restore(StateReader in) {
        declared.registers().forEach(register -> register.restore(in.getBits(register.mask())));
        declared.memories().forEach(memory -> restore(memory, in.getBytes()));
        declared.interrupts().forEach(interrupt -> interrupt.restore(in.getBoolean()));
        StateReader own = new StateReader(in.getBytes(), in.media());
        try {
            model.restore(own);
        } catch (StateException unfit) {
            throw unfit;
        } catch (RuntimeException | LinkageError | StackOverflowError mistake) {
            throw new StateException("the model of " + name() + " cannot restore it: " + mistake);
        }
        StateReader.requireThat(own.isAtEnd(), "the model of " + name() + " does not restore all that it saves");
    }

    private static void restore(DeviceMemory memory, byte[] saved) {
        StateReader.requireThat(saved.length == memory.bytes().length, memory + " has " + memory.bytes().length
                + " bytes, and not " + saved.length);
        System.arraycopy(saved, 0, memory.bytes(), 0, saved.length);
    }
}
