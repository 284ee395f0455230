package ferrite.hardware.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The declaration of a device, for {@link DeviceModel#build}. A device has a {@link #name} and a {@link #compatible};
 * everything else is declared as far as the device has it. Offsets count in bytes from the start of the device's
 * registers. A declaration that cannot be right, such as two registers at one offset, is refused with a {@link
 * ModelException}.
 */
public final class DeviceBuilder {

    /** The smallest range of addresses that a kernel maps. */
    private static final int PAGE_BYTES = 4096;
    private static final int MAX_BYTES = 16 << 20;
    private static final int MAX_STATE_BYTES = 4 << 20;
    private static final int MAX_PARTS = 4096;
    private static final int MAX_INTERRUPTS = 8;
    private static final Pattern DEVICE_NAME = Pattern.compile("[a-z][a-z0-9-]{0,23}");
    private static final Pattern COMPATIBLE = Pattern.compile("[A-Za-z0-9,._+-]{1,60}");
    private static final Pattern PROPERTY = Pattern.compile("[A-Za-z0-9,._+?#-]{1,31}");
    private static final Pattern PARAMETER = Pattern.compile("[a-z][a-z0-9_-]{0,30}");
    private static final List<String> BOARDS_PROPERTIES = List.of("reg", "compatible", "interrupts",
            "interrupt-parent", "dmas", "dma-names", "phandle", BusPort.ADDRESS_WIDTH);
    private static final List<String> BOARDS_PARAMETERS = List.of("at", "irq", "dma");

    private final ModelDevice device;
    private final Map<String, String> given;

    private String name;
    private final List<String> compatible = new ArrayList<>();
    private int bytes = PAGE_BYTES;
    private int stateBytes;
    private final Map<String, int[]> cells = new LinkedHashMap<>();
    private final Map<String, String> texts = new LinkedHashMap<>();
    /** The parameters, each with its meaning. */
    private final Map<String, String> parameters = new LinkedHashMap<>();
    private final Map<String, String> values = new LinkedHashMap<>();
    private final List<Register> registers = new ArrayList<>();
    private final List<DeviceMemory> memories = new ArrayList<>();
    private final List<Interrupt> interrupts = new ArrayList<>();
    private final List<TimedEvent> events = new ArrayList<>();
    private BusPort port;
    private DmaLine dma;

    DeviceBuilder(ModelDevice device, Map<String, String> given) {
        this.device = device;
        this.given = given;
    }

    // ---- the device ----

    /** Declares the name: lower case, such as {@code dice}. The machine's first one is then {@code dice0}. */
    public DeviceBuilder name(String value) {
        declare("name");
        require(DEVICE_NAME.matcher(value).matches(), "'" + value + "' is no name of a device; lower-case letters, "
                + "digits and '-', such as dice, would be right");
        name = value;
        return this;
    }

    /**
     * Declares the names by which a driver finds the device in the device tree, the most specific one first:
     * {@code "example,dice"}, the maker and the device.
     */
    public DeviceBuilder compatible(String... values) {
        declare("compatible");
        for (String value : values) {
            require(COMPATIBLE.matcher(value).matches(), "'" + value + "' cannot be compatible in a device tree; "
                    + "example,dice would be right");
            compatible.add(value);
        }
        return this;
    }

    /** Declares the size of the range of addresses, in bytes: a multiple of 4096, which it is otherwise. */
    public DeviceBuilder size(int value) {
        declare("size");
        require(value > 0 && value <= MAX_BYTES && value % PAGE_BYTES == 0, "a device takes a multiple of 4096 bytes "
                + "of addresses, 16 MiB at most, and not " + value);
        bytes = value;
        return this;
    }

    /** Adds a property of cells to the device's node in the device tree. */
    public DeviceBuilder property(String property, int... values) {
        requireProperty(property);
        cells.put(property, values.clone());
        return this;
    }

    /** Adds a property of text to the device's node in the device tree. */
    public DeviceBuilder property(String property, String value) {
        requireProperty(property);
        require(value.indexOf('\0') < 0, "the property " + property + " contains the character 0");
        texts.put(property, value);
        return this;
    }

    private void requireProperty(String property) {
        declare("property");
        require(PROPERTY.matcher(property).matches() && !BOARDS_PROPERTIES.contains(property), "'" + property
                + "' is no property that a model adds: the board adds " + String.join(", ", BOARDS_PROPERTIES));
        require(!cells.containsKey(property) && !texts.containsKey(property), "the property " + property
                + " is declared twice");
    }

    /**
     * Declares a parameter, and returns its value: the one of {@code --device FILE.jar,NAME=VALUE}, or the default.
     *
     * @param meaning a few words for people
     */
    public String parameter(String parameter, String defaultValue, String meaning) {
        declare("parameter");
        require(PARAMETER.matcher(parameter).matches() && !BOARDS_PARAMETERS.contains(parameter), "'" + parameter
                + "' is no name of a parameter: lower-case letters, digits, '-' and '_', but not "
                + String.join(", ", BOARDS_PARAMETERS));
        require(!parameters.containsKey(parameter), "the parameter " + parameter + " is declared twice");
        parameters.put(parameter, meaning);
        values.put(parameter, given.getOrDefault(parameter, defaultValue));
        return values.get(parameter);
    }

    /** As {@link #parameter(String, String, String)}, for a decimal number. */
    public int parameter(String parameter, int defaultValue, String meaning) {
        String value = parameter(parameter, Integer.toString(defaultValue), meaning);
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + value + "' is no number for " + parameter + ", the " + meaning);
        }
    }

    // ---- registers and memory ----

    /**
     * Declares a register.
     *
     * @param register the name, as a data sheet has it
     * @param offset   a multiple of the width
     * @param width    1, 2 or 4 bytes; software accesses the register with this width
     */
    public Register register(String register, int offset, int width, RegisterAccess access) {
        declare("register");
        require(width == 1 || width == 2 || width == 4, register + " is " + width + " bytes wide; 1, 2 or 4 would be "
                + "right");
        require(offset >= 0 && offset % width == 0, register + " is at offset " + offset + ", which is no multiple of "
                + "its " + width + " bytes");
        return add(new Register(device, register, offset, width, access));
    }

    /** Declares a word of the device's state that software does not see. It is saved, and the monitor shows it. */
    public Register state(String word) {
        declare("state");
        return add(Register.hidden(device, word));
    }

    private Register add(Register register) {
        require(registers.size() < MAX_PARTS, "it has more than " + MAX_PARTS + " registers; memory() declares bytes");
        requireNew(register.toString());
        registers.add(register);
        return register;
    }

    /** Declares a window of memory that software reads and writes, with any aligned access. */
    public DeviceMemory memory(String window, int offset, int length) {
        declare("memory");
        require(offset >= 0 && offset % 4 == 0 && length > 0 && length % 4 == 0, window + " has " + length
                + " bytes at offset " + offset + "; multiples of 4 would be right");
        return add(new DeviceMemory(window, offset, requireRoom(window, length)));
    }

    /** Declares bytes of the device's state that software does not see, such as a queue. They are saved. */
    public DeviceMemory buffer(String buffer, int length) {
        declare("buffer");
        require(length > 0, buffer + " has " + length + " bytes");
        return add(DeviceMemory.hidden(buffer, requireRoom(buffer, length)));
    }

    private DeviceMemory add(DeviceMemory memory) {
        requireNew(memory.toString());
        memories.add(memory);
        return memory;
    }

    private int requireRoom(String memory, int length) {
        require(length <= MAX_STATE_BYTES - stateBytes, memory + ": a device has 4 MiB of memory at most");
        stateBytes += length;
        return length;
    }

    private void requireNew(String part) {
        require(registers.stream().noneMatch(other -> other.toString().equals(part))
                && memories.stream().noneMatch(other -> other.toString().equals(part)), part + " is declared twice");
    }

    // ---- wires ----

    /** Declares an interrupt. The first one is what a driver requests with {@code device.irq()}. */
    public Interrupt interrupt() {
        declare("interrupt");
        require(interrupts.size() < MAX_INTERRUPTS, "a device has " + MAX_INTERRUPTS + " interrupts at most");
        interrupts.add(new Interrupt(device, interrupts.size()));
        return interrupts.get(interrupts.size() - 1);
    }

    /** Declares an effect that {@link TimedEvent#scheduleIn} schedules. */
    public TimedEvent event(String event, Runnable effect) {
        declare("event");
        require(events.size() < MAX_PARTS, "it has more than " + MAX_PARTS + " events");
        require(events.stream().noneMatch(other -> other.toString().equals(event)), event + " is declared twice");
        events.add(new TimedEvent(device, event, effect));
        return events.get(events.size() - 1);
    }

    /**
     * Declares that the device masters the bus. A driver finds the number of address wires in the property {@code
     * ferrite,addrwidth} of the device tree.
     *
     * @param addressBits the number of address wires, 12 to 32
     */
    public BusPort busMaster(int addressBits) {
        declare("busMaster");
        require(addressBits >= 12 && addressBits <= 32, "a bus master has 12 to 32 address wires, and not "
                + addressBits);
        require(port == null, "busMaster is declared twice");
        port = new BusPort(device, addressBits);
        return port;
    }

    /**
     * Declares that the device is on the ISA bus, with a request line to a channel of the DMA controller. The board
     * chooses the channel, unless {@code dma=} gives it.
     *
     * @param width     the width of a transfer in bits, 8 or 16
     * @param transfers moves the bytes
     */
    public DmaLine dmaChannel(int width, DmaTransfers transfers) {
        declare("dmaChannel");
        require(width == 8 || width == 16, "a DMA channel is 8 or 16 bits wide, and not " + width);
        require(dma == null, "dmaChannel is declared twice");
        dma = new DmaLine(device, width, transfers);
        return dma;
    }

    /** Returns the machine around the device, for effects. */
    public DeviceHost host() {
        return device;
    }

    // ---- the finished declaration ----

    private void declare(String what) {
        device.requireBuilding(what);
    }

    private static void require(boolean right, String sentence) {
        if (!right) {
            throw new ModelException(sentence);
        }
    }

    /**
     * Checks the declaration as a whole.
     *
     * @throws IllegalArgumentException if a parameter is given that is not declared
     */
    void finish() {
        require(name != null, "its build gives no name(…)");
        require(!compatible.isEmpty(), "its build gives no compatible(…), by which a driver finds it");
        for (String parameter : given.keySet()) {
            if (!parameters.containsKey(parameter)) {
                List<String> known = parameters.entrySet().stream()
                        .map(each -> each.getKey() + " (" + each.getValue() + ")").toList();
                throw new IllegalArgumentException("the device " + name + " has no parameter " + parameter + "; "
                        + (known.isEmpty() ? "it has none" : "there is " + String.join(", ", known)));
            }
        }
    }

    String name() {
        return name;
    }

    List<String> compatible() {
        return compatible;
    }

    int bytes() {
        return bytes;
    }

    Map<String, int[]> cells() {
        return cells;
    }

    Map<String, String> texts() {
        return texts;
    }

    /** Returns the parameters, each with its meaning. */
    Map<String, String> parameters() {
        return parameters;
    }

    /** Returns the value of a parameter. */
    String value(String parameter) {
        return values.get(parameter);
    }

    List<Register> registers() {
        return registers;
    }

    List<DeviceMemory> memories() {
        return memories;
    }

    List<Interrupt> interrupts() {
        return interrupts;
    }

    List<TimedEvent> events() {
        return events;
    }

    /** Returns the port of a bus master, or null. */
    BusPort port() {
        return port;
    }

    /** Returns the request line to a DMA channel, or null. */
    DmaLine dma() {
        return dma;
    }
}
