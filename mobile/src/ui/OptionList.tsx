import type { ReactElement } from "react";
import { FlatList, type FlatListProps, StyleSheet, View } from "react-native";

import { useIsWide } from "./layout";

type Props<T> = {
  label: string;
  renderOption: (option: T) => ReactElement;
} & Pick<
  FlatListProps<T>,
  | "keyExtractor"
  | "onRefresh"
  | "refreshing"
  | "ListHeaderComponent"
  | "ListEmptyComponent"
> & { options: T[] };

/** Options of which one is chosen, two beside each other where there is room. */
export function OptionList<T>({ label, options, renderOption, ...list }: Props<T>): ReactElement {
  const nColumns = useIsWide() ? 2 : 1;
  return (
    <FlatList
      {...list}
      key={nColumns} // it cannot change the number of its columns
      style={styles.list}
      role="radiogroup"
      aria-label={label}
      data={options}
      numColumns={nColumns}
      {...(nColumns > 1 && { columnWrapperStyle: styles.columns })}
      renderItem={({ item }) => (
        <View style={nColumns > 1 && styles.half}>{renderOption(item)}</View>
      )}
    />
  );
}

const styles = StyleSheet.create({
  list: { flex: 1 },
  columns: { justifyContent: "space-between" },
  half: { width: "49.5%" },
});
