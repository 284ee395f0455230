package ferrite.testkit;

import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.board.wiring.Board;
import ferrite.kernel.Kernel;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * Builds the machine that {@link Machine} describes when a test first asks for it, closes it after the test, and
 * repeats the test with other machines if the description says so.
 */
final class MachineExtension implements ParameterResolver, InvocationInterceptor, TestExecutionExceptionHandler,
        AfterEachCallback {

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(MachineExtension.class);
    private static final List<Class<?>> TYPES =
            List.of(MachineRun.class, Machines.class, ferrite.hardware.Machine.class, Kernel.class, Board.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return TYPES.contains(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return resolve(parameter.getParameter().getType(), context);
    }

    private static Object resolve(Class<?> type, ExtensionContext context) {
        if (type == Machines.class) {
            return machines(context);
        }
        MachineRun run = run(context);
        if (type == MachineRun.class) {
            return run;
        }
        if (type == Board.class) {
            return run.board();
        }
        return type == Kernel.class ? run.board().kernel() : run.board().machine();
    }

    /** Returns the test's ready-made machine, and boots it at the first call. */
    private static MachineRun run(ExtensionContext context) {
        MachineRun run = context.getStore(NAMESPACE).get(MachineRun.class, MachineRun.class);
        if (run == null) {
            try {
                run = machines(context).boot();
            } catch (IOException | IllegalArgumentException e) {
                throw new ParameterResolutionException("@Machine: " + e.getMessage(), e);
            }
            context.getStore(NAMESPACE).put(MachineRun.class, run);
        }
        return run;
    }

    private static Machines machines(ExtensionContext context) {
        Machines machines = existing(context);
        if (machines == null) {
            Machine description = description(context);
            Variation variation = context.getStore(NAMESPACE).get(Variation.class, Variation.class);
            try {
                machines = new Machines(() -> options(description),
                        variation == null ? Repetition.first(description) : variation,
                        context.getRequiredTestClass().getName() + "#" + context.getRequiredTestMethod().getName());
            } catch (IllegalArgumentException e) {
                throw new ParameterResolutionException(e.getMessage(), e);
            }
            context.getStore(NAMESPACE).put(Machines.class, machines);
        }
        return machines;
    }

    private static Machines existing(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(Machines.class, Machines.class);
    }

    /** Finds the description. A method's annotation replaces its class's. */
    private static Machine description(ExtensionContext context) {
        return annotation(context).orElseThrow(() -> new ParameterResolutionException(
                        "this test has no machine; annotate the method or its class with @Machine"));
    }

    private static Optional<Machine> annotation(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), Machine.class)
                .or(() -> AnnotationSupport.findAnnotation(context.getRequiredTestClass(), Machine.class));
    }

    // ---- repeated tests ----

    @Override
    public void interceptTestMethod(Invocation<Void> first, ReflectiveInvocationContext<Method> test,
            ExtensionContext context) throws Throwable {
        run(first, test, context);
    }

    @Override
    public void interceptTestTemplateMethod(Invocation<Void> first, ReflectiveInvocationContext<Method> test,
            ExtensionContext context) throws Throwable {
        run(first, test, context);
    }

    private static void run(Invocation<Void> first, ReflectiveInvocationContext<Method> test,
            ExtensionContext context) throws Throwable {
        Optional<Machine> description = annotation(context);
        if (description.isEmpty() || !Variation.isWanted(description.get())) {
            first.proceed();
            return;
        }
        boolean[] begun = new boolean[1];
        new Repetition(description.get(), variation -> {
            if (begun[0]) {
                again(variation, test, context);
            } else {
                begun[0] = true;
                first.proceed();
            }
            return machines(context).allocations();
        }).run();
    }

    /** Runs the method with new machines, and with its other arguments as they were. */
    private static void again(Variation variation, ReflectiveInvocationContext<Method> test, ExtensionContext context) {
        machines(context).close();
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        store.remove(MachineRun.class);
        store.remove(Machines.class);
        store.put(Variation.class, variation);
        Object[] arguments = test.getArguments().toArray();
        Class<?>[] types = test.getExecutable().getParameterTypes();
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = TYPES.contains(types[i]) ? resolve(types[i], context) : arguments[i];
        }
        ReflectionSupport.invokeMethod(test.getExecutable(), test.getTarget().orElse(null), arguments);
    }

    private static BoardOptions options(Machine machine) {
        BoardOptions options = new BoardOptions().harts(machine.harts()).seed(machine.seed())
                .interleaving(machine.interleaving()).dma(machine.dma())
                .owners(machine.owners());
        try {
            MachineOptions.set(options, "--ram", machine.ram());
            for (String disk : machine.disks()) {
                MachineOptions.set(options, "--disk", disk);
            }
            for (String device : machine.devices()) {
                MachineOptions.set(options, "--device", device);
            }
            for (String parameter : machine.parameters()) {
                MachineOptions.set(options, "-o", parameter);
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterResolutionException("@Machine: " + e.getMessage(), e);
        }
        return options;
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        Machines machines = existing(context);
        if (machines != null) {
            System.err.print(machines.explanation());
        }
        throw failure;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Machines machines = existing(context);
        if (machines != null) {
            machines.close();
        }
    }
}
