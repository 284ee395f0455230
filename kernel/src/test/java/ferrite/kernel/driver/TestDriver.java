package ferrite.kernel.driver;

import ferrite.kernel.base.TextTable;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.ToIntFunction;

/** A driver that a test makes of functions. */
final class TestDriver implements Driver {

    private final String name;
    private final List<String> compatible;
    private ToIntFunction<Device> probe = device -> 0;
    private Consumer<Device> remove = device -> { };
    private ToIntFunction<Device> suspend = device -> 0;
    private ToIntFunction<Device> resume = device -> 0;
    private Consumer<TextTable.Module> link = module -> { };
    private IntSupplier init = () -> 0;
    private ToIntFunction<DriverParameters> initWith = any -> init.getAsInt();
    private Runnable exit = () -> { };
    private List<Parameter> parameters = List.of();
    private boolean suppressesBinding;
    KernelCalls kernel;
    TextTable.Module text;

    TestDriver(String name, String... compatible) {
        this.name = name;
        this.compatible = List.of(compatible);
    }

    TestDriver probe(ToIntFunction<Device> function) {
        probe = function;
        return this;
    }

    TestDriver remove(Consumer<Device> function) {
        remove = function;
        return this;
    }

    TestDriver suspend(ToIntFunction<Device> function) {
        suspend = function;
        return this;
    }

    TestDriver resume(ToIntFunction<Device> function) {
        resume = function;
        return this;
    }

    /** @param function is called after {@link #kernel} is set */
    TestDriver link(Consumer<TextTable.Module> function) {
        link = function;
        return this;
    }

    TestDriver init(IntSupplier function) {
        init = function;
        return this;
    }

    TestDriver exit(Runnable function) {
        exit = function;
        return this;
    }

    /** @param function gets the values of the parameters, in place of {@link #init(IntSupplier)} */
    TestDriver initWith(ToIntFunction<DriverParameters> function) {
        initWith = function;
        return this;
    }

    /** @param check is called with the value that {@code insmod} gives */
    TestDriver parameter(String parameterName, Consumer<String> check) {
        parameters = List.of(new Parameter(parameterName, "", "a parameter", check));
        return this;
    }

    TestDriver suppressBinding() {
        suppressesBinding = true;
        return this;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean suppressBindAttrs() {
        return suppressesBinding;
    }

    @Override
    public List<String> compatible() {
        return compatible;
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module newText) {
        kernel = theKernel;
        text = newText;
        link.accept(newText);
    }

    @Override
    public int init(DriverParameters values) {
        return initWith.applyAsInt(values);
    }

    @Override
    public void exit() {
        exit.run();
    }

    @Override
    public int probe(Device device) {
        return probe.applyAsInt(device);
    }

    @Override
    public void remove(Device device) {
        remove.accept(device);
    }

    @Override
    public int suspend(Device device) {
        return suspend.applyAsInt(device);
    }

    @Override
    public int resume(Device device) {
        return resume.applyAsInt(device);
    }
}
